using System.Runtime.InteropServices;

namespace Vault.Fuse.Dispatch;

/// <summary>The body of a reply, written from its start into the transport's buffer.</summary>
internal ref struct FuseReply
{
    /// <summary>Makes an empty reply.</summary>
    /// <param name="body">Where it goes; may hold bytes of an earlier reply.</param>
    public FuseReply(Span<byte> body)
    {
        Body = body;
        Length = 0;
    }

    /// <summary>The whole buffer.</summary>
    public Span<byte> Body { get; }

    /// <summary>Bytes that are part of the reply.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a structure.</summary>
    public void Append<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Body[Length..], in value);
        Length += System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
    }

    /// <summary>Takes bytes into the reply that were written into <see cref="Body"/> directly.</summary>
    public void Advance(int byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteCount, Body.Length - Length);
        Length += byteCount;
    }
}
