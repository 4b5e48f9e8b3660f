using System.Globalization;
using System.Text;

namespace Vault.Fuse.Mount;

/// <summary>One line of <c>/proc/self/mountinfo</c> (proc_pid_mountinfo(5)).</summary>
/// <param name="MountId">The mount's number; reused after it is gone.</param>
/// <param name="ParentId">The number of the mount that it stands on.</param>
/// <param name="Device">Its <c>st_dev</c> as "major:minor".</param>
/// <param name="MountPoint">Where, as an absolute path.</param>
/// <param name="FileSystemType">The type, as "fuse.vaultfs".</param>
/// <param name="Source">What is mounted.</param>
internal sealed record MountInfoEntry(int MountId, int ParentId, string Device, string MountPoint, string FileSystemType, string Source)
{
    private const int FieldsBeforeOptional = 6;

    /// <summary>The type of our mounts.</summary>
    public const string VaultType = "fuse.vaultfs";

    /// <summary>Whether it is one of ours.</summary>
    public bool IsVault => FileSystemType == VaultType;

    /// <summary>Reads all mounts that this process sees, those mounted later further down.</summary>
    public static IReadOnlyList<MountInfoEntry> ReadAll() => ParseAll(File.ReadLines("/proc/self/mountinfo"));

    /// <summary>Parses lines; those that do not have the form are left out.</summary>
    public static IReadOnlyList<MountInfoEntry> ParseAll(IEnumerable<string> lines) =>
        [.. lines.Select(line => TryParse(line, out MountInfoEntry? entry) ? entry : null).OfType<MountInfoEntry>()];

    /// <summary>Parses one line.</summary>
    public static bool TryParse(string line, out MountInfoEntry? entry)
    {
        entry = null;
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-", Math.Min(FieldsBeforeOptional, fields.Length));
        if (separator < 0 || fields.Length < separator + 3)
            return false;
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int mountId)
            || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parentId))
            return false;
        entry = new MountInfoEntry(
            mountId, parentId, fields[2], Unescape(fields[4]), Unescape(fields[separator + 1]), Unescape(fields[separator + 2]));
        return true;
    }

    /// <summary>Undoes the kernel's escapes: backslash and three octal digits for a space, tab, line feed, backslash or '#'.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isEscape = bytes[i] == '\\' && i + 3 < bytes.Length
                && bytes[i + 1] is >= (byte)'0' and <= (byte)'3' && IsOctal(bytes[i + 2]) && IsOctal(bytes[i + 3]);
            if (isEscape)
            {
                bytes[length++] = (byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[length++] = bytes[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static bool IsOctal(byte digit) => digit is >= (byte)'0' and <= (byte)'7';
}
