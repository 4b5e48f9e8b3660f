using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Dispatch;

/// <summary>Takes names from a request's payload, where each ends with a NUL.</summary>
internal static class FuseNames
{
    /// <summary>Takes the name of a directory entry: 1 to 255 bytes, no '/'.</summary>
    /// <param name="payload">The rest of the payload; afterwards what follows the name.</param>
    /// <param name="name">The name without its NUL.</param>
    /// <param name="allowDots">Whether "." and ".." are names here.</param>
    /// <returns>
    /// ENAMETOOLONG beyond 255 bytes (the kernel no longer checks once max_pages is negotiated), EINVAL for what the kernel never sends.
    /// </returns>
    public static Errno TryTakeEntryName(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> name, bool allowDots = false)
    {
        if (!TryTake(ref payload, out name) || name.IsEmpty)
            return Errno.EINVAL;
        if (name.Length > FuseProtocol.MaxNameBytes)
            return Errno.ENAMETOOLONG;
        if (name.Contains((byte)'/') || (!allowDots && IsDots(name)))
            return Errno.EINVAL;
        return Errno.None;
    }

    /// <summary>Takes an attribute's name: 1 to 255 bytes, in a namespace that is stored, or an access control list's.</summary>
    /// <param name="payload">The rest of the payload; afterwards what follows the name.</param>
    /// <param name="hasAcls">Whether access control lists are in force.</param>
    /// <param name="name">The name without its NUL.</param>
    /// <returns>
    /// EINVAL for a namespace alone. EOPNOTSUPP for the rest of system.* and for unknown namespaces: an access control list that is kept but not obeyed would make
    /// programs believe that they had set permissions (cp -p then leaves the mode out).
    /// </returns>
    public static Errno TryTakeXattrName(ref ReadOnlySpan<byte> payload, bool hasAcls, out ReadOnlySpan<byte> name)
    {
        if (!TryTake(ref payload, out name) || name.IsEmpty)
            return Errno.EINVAL;
        if (name.Length > FuseProtocol.MaxNameBytes)
            return Errno.ERANGE;
        bool isStored = name.StartsWith("user."u8) || name.StartsWith("security."u8) || name.StartsWith("trusted."u8)
            || (hasAcls && name.StartsWith("system.posix_acl_"u8));
        if (!isStored)
            return Errno.EOPNOTSUPP;
        return name[^1] == '.' && name.Count((byte)'.') == 1 ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Takes a symlink's target: 1 to 4095 bytes.</summary>
    public static Errno TryTakeTarget(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> target)
    {
        if (!TryTake(ref payload, out target) || target.IsEmpty)
            return Errno.EINVAL;
        return target.Length > FuseProtocol.MaxTargetBytes ? Errno.ENAMETOOLONG : Errno.None;
    }

    /// <summary>Takes a name that means nothing.</summary>
    public static Errno TrySkipName(ref ReadOnlySpan<byte> payload) => TryTake(ref payload, out _) ? Errno.None : Errno.EINVAL;

    /// <summary>Whether a name is "." or "..".</summary>
    public static bool IsDots(ReadOnlySpan<byte> name) => name is [(byte)'.'] or [(byte)'.', (byte)'.'];

    private static bool TryTake(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> text)
    {
        int length = payload.IndexOf((byte)0);
        if (length < 0)
        {
            text = default;
            return false;
        }

        text = payload[..length];
        payload = payload[(length + 1)..];
        return true;
    }
}
