using Vault.Fuse.Protocol;

namespace Vault.Fuse.Dispatch;

/// <summary>
/// Which changes are durable when their reply is sent. Of a mount with <c>sync</c> the kernel itself asks for FSYNC after each
/// write; names, attributes, and ranges that are allocated or copied it leaves to the server, and <c>dirsync</c> it does not obey at all.
/// </summary>
internal enum DurableReplies
{
    /// <summary>None: FSYNC and the commit timer make them durable.</summary>
    None,

    /// <summary>Changes of names: <c>dirsync</c>.</summary>
    Names,

    /// <summary>Changes of names, attributes, ranges: <c>sync</c>.</summary>
    All,
}

/// <summary>Tells them by their opcodes.</summary>
internal static class DurableRepliesExtensions
{
    public static bool Include(this DurableReplies durable, FuseOpcode opcode) => durable != DurableReplies.None && opcode switch
    {
        FuseOpcode.Create or FuseOpcode.MkNod or FuseOpcode.MkDir or FuseOpcode.Symlink or FuseOpcode.Link
            or FuseOpcode.Unlink or FuseOpcode.RmDir or FuseOpcode.Rename or FuseOpcode.Rename2 => true,
        FuseOpcode.SetAttr or FuseOpcode.SetXattr or FuseOpcode.RemoveXattr or FuseOpcode.Ioctl or FuseOpcode.Fallocate
            or FuseOpcode.CopyFileRange or FuseProtocol.CopyFileRange64 => durable == DurableReplies.All,
        _ => false,
    };
}
