using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>CREATE: makes a regular file and opens it, in one step.</summary>
internal static partial class NameOperations
{
    /// <summary><c>O_EXCL</c> (asm-generic/fcntl.h).</summary>
    private const uint OpenExclusive = 0x80;

    /// <summary><c>O_TRUNC</c> (asm-generic/fcntl.h).</summary>
    private const uint OpenTruncate = 0x200;

    /// <summary>How often a name may come and go between two steps before we give up.</summary>
    private const int MaxRaces = 16;

    /// <summary>Makes a file, or opens the one that is there unless <c>O_EXCL</c> forbids it.</summary>
    public static Errno Create(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseCreateIn argument))
            return Errno.EINVAL;
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name);
        if (errno != Errno.None)
            return errno;
        errno = CreateOrFind(session, in request, in argument, name, out InodeAttributes attributes);
        if (errno == Errno.None)
            AppendOpened(ref reply, in attributes, argument.Flags);
        return errno;
    }

    private static void AppendOpened(ref FuseReply reply, in InodeAttributes attributes, uint openFlags)
    {
        Replies.AppendEntry(ref reply, in attributes);
        var opened = new FuseOpenOut { Fh = OpenHandle.Of(openFlags), OpenFlags = FuseOpenFlags.KeepCache };
        reply.Append(in opened);
    }

    private static Errno CreateOrFind(
        FuseSession session, scoped in FuseRequest request, in FuseCreateIn argument, ReadOnlySpan<byte> name, out InodeAttributes attributes)
    {
        VaultFileSystem fileSystem = session.FileSystem;
        NewNode node = NodeOf(session, in request, (argument.Mode & ModeBits.PermissionMask) | ModeBits.RegularFile, argument.Umask);
        for (int race = 0; race < MaxRaces; race++)
        {
            Errno errno = fileSystem.CreateNode(request.Inode, name, in node, out attributes);
            if (errno != Errno.EEXIST || (argument.Flags & OpenExclusive) != 0)
                return errno;
            errno = fileSystem.Lookup(request.Inode, name, out attributes);
            if (errno == Errno.None)
                return OpenFound(fileSystem, in argument, ref attributes);
            if (errno != Errno.ENOENT)
                return errno;
        }

        attributes = default;
        return Errno.EIO;
    }

    private static Errno OpenFound(VaultFileSystem fileSystem, in FuseCreateIn argument, ref InodeAttributes attributes)
    {
        InodeNumber found = attributes.Inode;
        Errno errno = Errno.None;
        if (!attributes.IsRegularFile)
        {
            errno = attributes.IsDirectory ? Errno.EISDIR : Errno.EIO;
        }
        else if ((argument.Flags & OpenTruncate) != 0)
        {
            var change = new AttributeChange { Fields = AttributeChanges.Size };
            if ((argument.OpenFlags & FuseOpenInFlags.KillSuidgid) != 0)
                change.Fields |= AttributeChanges.ClearSetIds;
            errno = fileSystem.SetAttributes(found, in change, out attributes);
        }

        // The kernel counts no reference for an error.
        if (errno != Errno.None)
            fileSystem.Forget(found, 1);
        return errno;
    }
}
