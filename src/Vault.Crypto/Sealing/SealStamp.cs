using System.Runtime.InteropServices;

namespace Vault.Crypto;

/// <summary>
/// What a parent must keep to open a sealed unit: session salt (16 bytes), sequence (8 bytes), tag (16 bytes).
/// 40 bytes without padding, in this order, as stored in a block pointer; integers little-endian.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SealStamp(UInt128 Salt, ulong Sequence, UInt128 Tag)
{
    /// <summary>Bytes of a stamp as stored.</summary>
    public const int SizeBytes = 40;
}
