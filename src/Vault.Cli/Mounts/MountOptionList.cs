using System.Text;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>A list of mount options as mount(8) takes it: separated by commas, a later one wins, <c>\,</c> is a comma in a name.</summary>
/// <param name="ReadOnly">Null if the list does not say.</param>
/// <param name="AllowOther">Whether other users are let in.</param>
internal sealed record MountOptionList(bool? ReadOnly = null, bool AllowOther = false)
{
    private const string SourcePrefix = "fsname=";

    private static readonly Dictionary<string, Func<MountOptionList, MountOptionList>> Known = new(StringComparer.Ordinal)
    {
        ["ro"] = list => list with { ReadOnly = true },
        ["rw"] = list => list with { ReadOnly = false },
        ["allow_other"] = list => list with { AllowOther = true },
        ["default_permissions"] = list => list, // always
        ["suid"] = list => list with { SetId = true },
        ["nosuid"] = list => list with { SetId = false },
        ["dev"] = list => list with { Devices = true },
        ["nodev"] = list => list with { Devices = false },
        ["exec"] = list => list with { NoExecution = false },
        ["noexec"] = list => list with { NoExecution = true },
        ["sync"] = list => list with { Synchronous = true },
        ["async"] = list => list with { Synchronous = false },
        ["dirsync"] = list => list with { SynchronousNames = true },
        ["noatime"] = list => list with { AccessTimes = AccessTimes.Never },
        ["relatime"] = list => list with { AccessTimes = AccessTimes.Relative },
        ["strictatime"] = list => list with { AccessTimes = AccessTimes.Strict },
        ["acl"] = list => list with { NoAccessControlLists = false },
        ["noacl"] = list => list with { NoAccessControlLists = true },
    };

    public bool SetId { get; private init; }

    public bool Devices { get; private init; }

    public bool NoExecution { get; private init; }

    public bool Synchronous { get; private init; }

    public bool SynchronousNames { get; private init; }

    public AccessTimes AccessTimes { get; private init; }

    public bool NoAccessControlLists { get; private init; }

    /// <summary>Shown in place of the vault's path; null if not given.</summary>
    public string? SourceName { get; private init; }

    /// <summary>Options that only root may give: with them a vault could lift its user's rights.</summary>
    public bool NeedsRoot => SetId || Devices;

    /// <summary>Every option, as <c>--help</c> and messages show them.</summary>
    public static string Names => string.Join(", ", Known.Keys) + $", {SourcePrefix}NAME";

    /// <param name="text">The list; empty says nothing.</param>
    /// <param name="list">What it says.</param>
    /// <returns>Null, or the option that is unknown.</returns>
    public static string? Parse(string text, out MountOptionList list)
    {
        list = new MountOptionList();
        foreach (string option in text.Length > 0 ? Split(text) : [])
        {
            if (option.StartsWith(SourcePrefix, StringComparison.Ordinal) && IsName(option[SourcePrefix.Length..]))
            {
                list = list with { SourceName = option[SourcePrefix.Length..] };
            }
            else if (Known.TryGetValue(option, out Func<MountOptionList, MountOptionList>? apply))
            {
                list = apply(list);
            }
            else
            {
                return option;
            }
        }

        return null;
    }

    /// <summary>The settings as they are with the options.</summary>
    public VaultfsSettings ApplyTo(VaultfsSettings settings) => settings with
    {
        ReadOnly = ReadOnly ?? settings.ReadOnly,
        AllowOther = AllowOther || settings.AllowOther,
    };

    /// <summary>What a line of mountinfo can show.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= 255 && !name.Any(char.IsControl);

    private static List<string> Split(string text)
    {
        List<string> options = [];
        StringBuilder option = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == ',')
            {
                options.Add(option.ToString());
                _ = option.Clear();
                continue;
            }

            bool isEscape = text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ',' or '\\';
            _ = option.Append(text[isEscape ? ++i : i]);
        }

        options.Add(option.ToString());
        return options;
    }
}
