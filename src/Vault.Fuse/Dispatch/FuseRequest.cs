using System.Runtime.InteropServices;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Dispatch;

/// <summary>
/// A request in the three parts that every transport can give: on /dev/fuse they lie one after the other, in an io_uring
/// entry each has its place. The bytes are the kernel's and untrusted all the same; they are valid until the reply is sent.
/// </summary>
internal readonly ref struct FuseRequest
{
    private readonly ReadOnlySpan<byte> _argument;

    /// <summary>Makes the view.</summary>
    public FuseRequest(scoped in FuseInHeader header, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> payload)
    {
        Header = header;
        _argument = argument;
        Payload = payload;
    }

    /// <summary>The request's header.</summary>
    public FuseInHeader Header { get; }

    /// <summary>What follows the argument: names, or the data of a WRITE.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The inode that the header names.</summary>
    public InodeNumber Inode => new(Header.NodeId);

    /// <summary>Copies the operation's structure out; <see langword="false"/> if the request is shorter than it.</summary>
    public bool TryGetArgument<T>(out T argument)
        where T : unmanaged => MemoryMarshal.TryRead(_argument, out argument);

    /// <summary>Copies a structure out whose tail may be missing (it grew with the protocol): absent bytes are zeros.</summary>
    /// <param name="leastBytes">Bytes that must be there.</param>
    /// <param name="argument">The structure.</param>
    public bool TryGetArgument<T>(int leastBytes, out T argument)
        where T : unmanaged
    {
        argument = default;
        if (_argument.Length < leastBytes)
            return false;
        Span<byte> target = MemoryMarshal.AsBytes(new Span<T>(ref argument));
        _argument[..Math.Min(_argument.Length, target.Length)].CopyTo(target);
        return true;
    }
}
