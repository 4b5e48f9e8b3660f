using System.Runtime.InteropServices;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>IOCTL, of which only the attribute flags are served, and OPEN, where flags have to be obeyed.</summary>
internal static class FlagOperations
{
    /// <summary><c>FS_IOC_GETFLAGS</c>, <c>FS_IOC_SETFLAGS</c> (linux/fs.h): a 32-bit number, whatever the request's own size says.</summary>
    public const uint GetFlags = 0x8008_6601;
    public const uint SetFlags = 0x4008_6602;

    /// <summary><c>FS_IOC_FSGETXATTR</c>, <c>FS_IOC_FSSETXATTR</c>: <c>struct fsxattr</c>.</summary>
    public const uint GetExtendedFlags = 0x801C_581F;
    public const uint SetExtendedFlags = 0x401C_5820;

    /// <summary>Bytes of <c>struct fsxattr</c>: flags and four numbers that are zero here, padding.</summary>
    public const int ExtendedFlagsBytes = 28;

    /// <summary><c>O_ACCMODE</c>, <c>O_APPEND</c> (asm-generic/fcntl.h).</summary>
    private const uint AccessMode = 3;
    private const uint Append = 0x400;

    // A capability's attribute as cap_inode_need_killpriv asks for it: only whether there are any bytes counts.
    private const int SomeCapabilityBytes = 20;

    private static readonly (AttributeFlags Flag, uint Extended)[] Extended =
    [
        (AttributeFlags.Immutable, 0x08), (AttributeFlags.AppendOnly, 0x10), (AttributeFlags.NoAccessTime, 0x40), (AttributeFlags.NoDump, 0x80),
    ];

    /// <summary>Serves the ioctls of lsattr and chattr; the kernel has checked who may set what. ENOTTY for all others (isatty(3) asks).</summary>
    public static Errno Ioctl(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseIoctlIn argument))
            return Errno.EINVAL;
        return argument.Cmd switch
        {
            GetFlags or GetExtendedFlags => Get(session, in request, in argument, ref reply),
            SetFlags or SetExtendedFlags => Set(session, in request, in argument, ref reply),
            _ => Errno.ENOTTY,
        };
    }

    /// <summary>
    /// Opens a file. ENOSYS, which the kernel remembers, unless there may be immutable or append-only files: then each open is asked for,
    /// as the kernel knows nothing of them.
    /// </summary>
    public static Errno Open(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!session.ServesOpen)
            return Errno.ENOSYS;
        if (!request.TryGetArgument(out FuseOpenIn argument))
            return Errno.EINVAL;
        bool toWrite = (argument.Flags & AccessMode) != 0;
        Errno errno = session.FileSystem.CheckOpen(request.Inode, toWrite, (argument.Flags & Append) != 0, out AttributeFlags flags);
        if (errno != Errno.None)
            return errno;

        // Who appends could take O_APPEND back afterwards (fcntl): his writes come one by one, and each is checked.
        bool isWatched = toWrite && (flags & AttributeFlags.AppendOnly) != 0;
        var opened = new FuseOpenOut
        {
            Fh = OpenHandle.Of(argument.Flags),
            OpenFlags = isWatched ? FuseOpenFlags.KeepCache | FuseOpenFlags.DirectIo : FuseOpenFlags.KeepCache,
        };
        reply.Append(in opened);
        return Errno.None;
    }

    /// <summary>
    /// Before it collects a write, the kernel asks whether there is a capability to be removed. Of a file that became immutable while it
    /// was open we say so, and removing it is refused: then the write is refused too.
    /// </summary>
    /// <returns>Bytes of a capability that is not there, or 0.</returns>
    public static int CapabilityOfImmutable(FuseSession session, InodeNumber inode, ReadOnlySpan<byte> name)
    {
        if (!session.FileSystem.HasProtectedInodes || !name.SequenceEqual("security.capability"u8))
            return 0;
        Errno errno = session.FileSystem.GetAttributes(inode, out InodeAttributes attributes);
        return errno == Errno.None && (attributes.Flags & AttributeFlags.Immutable) != 0 ? SomeCapabilityBytes : 0;
    }

    private static Errno Get(FuseSession session, scoped in FuseRequest request, in FuseIoctlIn argument, ref FuseReply reply)
    {
        bool isExtended = argument.Cmd == GetExtendedFlags;
        int length = isExtended ? ExtendedFlagsBytes : sizeof(uint);
        if (argument.OutSize < length)
            return Errno.EINVAL;
        Errno errno = session.FileSystem.GetAttributes(request.Inode, out InodeAttributes attributes);
        if (errno != Errno.None)
            return errno;
        if (!attributes.IsRegularFile && !attributes.IsDirectory)
            return Errno.ENOTTY;
        reply.Append(default(FuseIoctlOut));
        Span<byte> answer = reply.Body.Slice(reply.Length, length);
        answer.Clear();
        uint flags = isExtended ? ToExtended(attributes.Flags) : (uint)attributes.Flags;
        MemoryMarshal.Write(answer, in flags);
        reply.Advance(length);
        return Errno.None;
    }

    private static Errno Set(FuseSession session, scoped in FuseRequest request, in FuseIoctlIn argument, ref FuseReply reply)
    {
        bool isExtended = argument.Cmd == SetExtendedFlags;
        int length = isExtended ? ExtendedFlagsBytes : sizeof(uint);
        if (argument.InSize < length || request.Payload.Length < length)
            return Errno.EINVAL;
        uint given = MemoryMarshal.Read<uint>(request.Payload);
        if (isExtended && (!TryFromExtended(given, out given) || request.Payload[sizeof(uint)..length].ContainsAnyExcept((byte)0)))
            return Errno.EOPNOTSUPP;
        Errno errno = session.FileSystem.SetFlags(request.Inode, (AttributeFlags)given);
        if (errno != Errno.None)
            return errno;

        // It asks for a capability again before the next write.
        session.NotifyAttributesChanged(request.Inode);
        reply.Append(default(FuseIoctlOut));
        return Errno.None;
    }

    private static uint ToExtended(AttributeFlags flags)
    {
        uint extended = 0;
        foreach ((AttributeFlags flag, uint bit) in Extended)
            extended |= (flags & flag) != 0 ? bit : 0;
        return extended;
    }

    private static bool TryFromExtended(uint extended, out uint flags)
    {
        flags = 0;
        foreach ((AttributeFlags flag, uint bit) in Extended)
        {
            flags |= (extended & bit) != 0 ? (uint)flag : 0;
            extended &= ~bit;
        }

        return extended == 0;
    }
}
