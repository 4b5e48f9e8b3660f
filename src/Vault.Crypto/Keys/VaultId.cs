using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>The random identity of a vault: 16 bytes, in the clear in its header, bound into all associated data.</summary>
/// <param name="Value">The stored bytes, read little-endian.</param>
public readonly record struct VaultId(UInt128 Value)
{
    /// <summary>Bytes of an id as stored.</summary>
    public const int SizeBytes = 16;

    /// <summary>32 lower-case hexadecimal digits in the order of the stored bytes.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, Value);
        return Convert.ToHexStringLower(bytes);
    }
}
