using System.Buffers.Binary;

namespace Vault.Storage.Tests.Simulation;

/// <summary>A plaintext that is in every name, content, attribute and symlink target of a simulated vault, and must be nowhere else.</summary>
internal static class Canary
{
    public const string Text = "canary5e1f";

    private const int CellSize = 32;

    public static byte[] Bytes { get; } = Text.Utf8();

    public static void Fill(Span<byte> data, uint seed)
    {
        Span<byte> cell = stackalloc byte[CellSize];
        Bytes.CopyTo(cell);
        uint state = unchecked((seed * 2654435761) + 1);
        for (int start = 0; start < data.Length; start += CellSize)
        {
            state = unchecked((state * 1664525) + 1013904223);
            BinaryPrimitives.WriteUInt32LittleEndian(cell[12..], seed);
            BinaryPrimitives.WriteInt32LittleEndian(cell[16..], start);
            BinaryPrimitives.WriteUInt32LittleEndian(cell[20..], state);
            BinaryPrimitives.WriteUInt32LittleEndian(cell[24..], ~state);
            int length = Math.Min(CellSize, data.Length - start);
            cell[..length].CopyTo(data[start..]);
        }
    }
}
