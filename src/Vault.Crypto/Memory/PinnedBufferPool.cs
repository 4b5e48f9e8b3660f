using System.Buffers;

namespace Vault.Crypto;

/// <summary>Pinned, pooled buffers for plaintext: cleared on return, locked in memory where the limit allows.</summary>
public sealed class PinnedBufferPool : ArrayPool<byte>
{
    /// <summary>The pool of this process.</summary>
    public static new PinnedBufferPool Shared { get; } = new();

    /// <summary>Rents an array of at least <paramref name="minimumLength"/> bytes (the next power of two), all zeros.</summary>
    public override byte[] Rent(int minimumLength) => throw new NotImplementedException();

    /// <summary>Clears the array (always, whatever <paramref name="clearArray"/> says) and takes it back.</summary>
    public override void Return(byte[] array, bool clearArray = true) => throw new NotImplementedException();
}
