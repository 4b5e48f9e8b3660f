using System.Runtime.InteropServices;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>LOOKUP, FORGET, BATCH_FORGET, GETATTR, SETATTR, READLINK.</summary>
internal static class InodeOperations
{
    private const uint NanosecondsPerSecond = 1_000_000_000;

    /// <summary>
    /// Finds a name. Absence is an answer too, which the kernel caches. "." asks for the inode itself, ".." for its directory: by
    /// handle, when the kernel has forgotten it.
    /// </summary>
    public static Errno Lookup(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name, allowDots: true);
        if (errno != Errno.None)
            return errno;
        errno = session.FileSystem.Lookup(request.Inode, name, out InodeAttributes attributes);
        if (errno == Errno.ENOENT && !FuseNames.IsDots(name))
        {
            FuseEntryOut negative = Replies.NegativeEntry();
            reply.Append(in negative);
            return Errno.None;
        }

        if (errno == Errno.None)
            Replies.AppendEntry(ref reply, in attributes);
        return errno;
    }

    /// <summary>Takes references back.</summary>
    public static Errno Forget(FuseSession session, scoped in FuseRequest request)
    {
        if (!request.TryGetArgument(out FuseForgetIn argument))
            return Errno.EINVAL;
        session.FileSystem.Forget(request.Inode, argument.Nlookup);
        return Errno.None;
    }

    /// <summary>Takes references to many inodes back.</summary>
    public static Errno BatchForget(FuseSession session, scoped in FuseRequest request)
    {
        if (!request.TryGetArgument(out FuseBatchForgetIn argument))
            return Errno.EINVAL;
        ReadOnlySpan<byte> rest = request.Payload;
        for (uint i = 0; i < argument.Count && MemoryMarshal.TryRead(rest, out FuseForgetOne one); i++)
        {
            session.FileSystem.Forget(new InodeNumber(one.NodeId), one.Nlookup);
            rest = rest[System.Runtime.CompilerServices.Unsafe.SizeOf<FuseForgetOne>()..];
        }

        return Errno.None;
    }

    /// <summary>Reads attributes, of unlinked inodes too.</summary>
    public static Errno GetAttributes(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        Errno errno = session.FileSystem.GetAttributes(request.Inode, out InodeAttributes attributes);
        if (errno == Errno.None)
            Replies.AppendAttributes(ref reply, in attributes);
        return errno;
    }

    /// <summary>Reads attributes and the time of birth: asked for when an application wants that one.</summary>
    public static Errno GetExtendedAttributes(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseStatxIn _))
            return Errno.EINVAL;
        Errno errno = session.FileSystem.GetAttributes(request.Inode, out InodeAttributes attributes);
        if (errno == Errno.None)
            Replies.AppendStatx(ref reply, in attributes);
        return errno;
    }

    /// <summary>Changes attributes, all at once; none at all is legal.</summary>
    public static Errno SetAttributes(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseSetattrIn argument))
            return Errno.EINVAL;
        Errno errno = TryTranslate(in argument, out AttributeChange change);
        if (errno != Errno.None)
            return errno;
        errno = session.FileSystem.SetAttributes(request.Inode, in change, out InodeAttributes attributes);
        if (errno == Errno.None)
            Replies.AppendAttributes(ref reply, in attributes);
        return errno;
    }

    /// <summary>Reads a symlink's target; without NUL.</summary>
    public static Errno ReadLink(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        Errno errno = session.FileSystem.ReadLink(request.Inode, reply.Body[..FuseProtocol.MaxTargetBytes], out int length);
        if (errno != Errno.None)
            return errno;
        session.FileSystem.NoteAccess(request.Inode, session.Wishes.AccessTimes);
        reply.Advance(length);
        return Errno.None;
    }

    private static Errno TryTranslate(in FuseSetattrIn from, out AttributeChange change)
    {
        change = default;
        if ((from.Valid & FuseSetattrValid.Size) != 0 && from.Size > long.MaxValue)
            return Errno.EFBIG;
        if (from.AtimeNsec >= NanosecondsPerSecond || from.MtimeNsec >= NanosecondsPerSecond || from.CtimeNsec >= NanosecondsPerSecond)
            return Errno.EINVAL;

        AttributeChanges fields = AttributeChanges.None;
        Map(FuseSetattrValid.Mode, AttributeChanges.Mode, from.Valid, ref fields);
        Map(FuseSetattrValid.Uid, AttributeChanges.UserId, from.Valid, ref fields);
        Map(FuseSetattrValid.Gid, AttributeChanges.GroupId, from.Valid, ref fields);
        Map(FuseSetattrValid.Size, AttributeChanges.Size, from.Valid, ref fields);
        Map(FuseSetattrValid.Ctime, AttributeChanges.ChangeTime, from.Valid, ref fields);
        Map(FuseSetattrValid.KillSuidgid, AttributeChanges.ClearSetIds, from.Valid, ref fields);

        // "Now" comes together with the bit of the explicit time, and then means the server's clock.
        if ((from.Valid & FuseSetattrValid.AtimeNow) != 0)
            fields |= AttributeChanges.AccessTimeNow;
        else
            Map(FuseSetattrValid.Atime, AttributeChanges.AccessTime, from.Valid, ref fields);
        if ((from.Valid & FuseSetattrValid.MtimeNow) != 0)
            fields |= AttributeChanges.ModifyTimeNow;
        else
            Map(FuseSetattrValid.Mtime, AttributeChanges.ModifyTime, from.Valid, ref fields);

        // What the kernel sends for nothing at all is what is left of taking set-id bits away (chown(-1, -1), a write).
        if ((fields & ~AttributeChanges.ChangeTime) == AttributeChanges.None)
            fields |= AttributeChanges.ClearSetIds;

        change = new AttributeChange
        {
            Fields = fields,
            Mode = from.Mode & ModeBits.PermissionMask,
            UserId = from.Uid,
            GroupId = from.Gid,
            SizeBytes = unchecked((long)from.Size),
            AccessTime = new Timestamp(unchecked((long)from.Atime), from.AtimeNsec),
            ModifyTime = new Timestamp(unchecked((long)from.Mtime), from.MtimeNsec),
            ChangeTime = new Timestamp(unchecked((long)from.Ctime), from.CtimeNsec),
        };
        return Errno.None;
    }

    private static void Map(FuseSetattrValid bit, AttributeChanges to, FuseSetattrValid valid, ref AttributeChanges fields)
    {
        if ((valid & bit) != 0)
            fields |= to;
    }
}
