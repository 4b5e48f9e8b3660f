using System.Globalization;
using System.Text;

namespace Vault.Cli;

/// <summary>A mount of vaultfs.</summary>
/// <param name="MountPoint">Absolute, as the kernel knows it.</param>
/// <param name="Source">The vault's path.</param>
/// <param name="UserId">Who mounted it, or null if the kernel does not say.</param>
/// <param name="ReadOnly">Whether it is mounted read-only.</param>
internal sealed record VaultMount(string MountPoint, string Source, uint? UserId, bool ReadOnly);

/// <summary>The mounts of vaultfs in this mount namespace, from <c>/proc/self/mountinfo</c> (proc(5)).</summary>
internal static class MountTable
{
    public const string FileSystemType = "fuse.vaultfs";

    public static IReadOnlyList<VaultMount> Read() => Parse(File.ReadLines("/proc/self/mountinfo"));

    /// <summary>Where something of vaultfs is mounted, dead or alive.</summary>
    public static IReadOnlySet<string> MountPoints() => Read().Select(mount => mount.MountPoint).ToHashSet(StringComparer.Ordinal);

    internal static IReadOnlyList<VaultMount> Parse(IEnumerable<string> lines) =>
        [.. lines.Select(ParseLine).OfType<VaultMount>()];

    private static VaultMount? ParseLine(string line)
    {
        // 36 35 98:0 /root /mountpoint options [optional fields] - type source super-options
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 0 || separator + 3 >= fields.Length || fields[separator + 1] != FileSystemType)
        {
            return null;
        }

        string[] superOptions = fields[separator + 3].Split(',');
        string? user = superOptions.FirstOrDefault(option => option.StartsWith("user_id=", StringComparison.Ordinal));
        bool hasUser = uint.TryParse(user.AsSpan(user is null ? 0 : "user_id=".Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint userId);
        return new VaultMount(
            Unescape(fields[4]),
            Unescape(fields[separator + 2]),
            hasUser ? userId : null,
            fields[5].Split(',').Contains("ro"));
    }

    /// <summary>Undoes the kernel's <c>\040</c> for a blank, tab, line feed and backslash.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\'))
        {
            return field;
        }

        StringBuilder text = new();
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length)
            {
                _ = text.Append((char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                _ = text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
