using System.Globalization;
using System.Text;

namespace Vault.Fuse.Mount;

/// <summary>Writes the option lists that mount(2) and fusermount3 take.</summary>
internal static class MountOptionText
{
    /// <summary>The <c>rootmode</c> of a directory: <c>S_IFDIR</c> in octal.</summary>
    private const string DirectoryMode = "40000";

    /// <summary>For mount(2): what the FUSE file system itself understands.</summary>
    public static string ForKernel(int fd, uint userId, uint groupId, bool allowOther)
    {
        string common = Common(allowOther);
        return string.Create(
            CultureInfo.InvariantCulture, $"fd={fd},rootmode={DirectoryMode},user_id={userId},group_id={groupId},{common}");
    }

    /// <summary>For <c>fusermount3 -o</c>, which adds the rest itself.</summary>
    public static string ForFusermount(FuseMountOptions options) => string.Join(
        ',',
        [.. MountFlags.Of(options).Select(flag => flag.Word), $"fsname={Escape(options.Source)}", "subtype=vaultfs", Common(options.AllowOther)]);

    /// <summary>A comma would end the option, a backslash escapes.</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (char c in value)
        {
            if (c is ',' or '\\')
                _ = text.Append('\\');
            _ = text.Append(c);
        }

        return text.ToString();
    }

    private static string Common(bool allowOther)
    {
        string access = allowOther ? "default_permissions,allow_other" : "default_permissions";
        return string.Create(CultureInfo.InvariantCulture, $"{access},max_read={Protocol.FuseProtocol.MaxTransferBytes}");
    }
}
