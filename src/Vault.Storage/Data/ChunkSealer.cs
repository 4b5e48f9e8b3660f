using Vault.Crypto;

namespace Vault.Storage;

/// <summary>The way of a chunk's bytes to and from the medium.</summary>
internal sealed class ChunkSealer(Volume volume)
{
    /// <summary>Seals a chunk's bytes and writes them to blocks that were allocated for it.</summary>
    /// <param name="address">First of the blocks.</param>
    /// <param name="plaintext">A whole number of blocks, at most a chunk; sealed straight from here.</param>
    public BlockPointer Write(BlockAddress address, ReadOnlySpan<byte> plaintext) => volume.Units.Write(
        new BlockPointer(address, BlockAddress.None, SealKind.Chunk, plaintext.Length / ContainerLayout.BlockSize, 0, volume.LiveGeneration, default),
        plaintext);

    /// <summary>Reads a whole chunk; what the unit lacks becomes zeros.</summary>
    /// <param name="pointer">The chunk's pointer.</param>
    /// <param name="chunk">A chunk's length.</param>
    public void Read(in BlockPointer pointer, Span<byte> chunk)
    {
        int length = Math.Min(pointer.SizeOfUnit, chunk.Length);
        if (length != pointer.SizeOfUnit)
            throw new VaultCorruptionException(new CorruptionSite("chunk", pointer.Address.OffsetBytes, "length"));
        volume.Units.Read(pointer, chunk[..length]);
        chunk[length..].Clear();
    }

    /// <summary>Opens stored bytes that were fetched together with their neighbours'.</summary>
    public void Open(in BlockPointer pointer, ReadOnlySpan<byte> stored, Span<byte> plaintext)
    {
        if (!volume.Cipher.TryOpen(SealKind.Chunk, pointer.Stamp, stored, plaintext))
            throw new VaultCorruptionException(new CorruptionSite("chunk", pointer.Address.OffsetBytes, "tag"));
    }
}
