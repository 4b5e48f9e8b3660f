using System.Buffers.Binary;

namespace Vault.Crypto.Tests;

/// <summary>In place of Argon2id: as honest (every argument counts), but cheap. Counts its calls.</summary>
internal sealed class CheapDeriver : ISlotKeyDeriver
{
    public int CallCount { get; private set; }

    public void Derive(ReadOnlySpan<byte> credential, ReadOnlySpan<byte> salt, in Argon2Parameters parameters, Span<byte> output)
    {
        CallCount++;
        Span<byte> info = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(info, parameters.MemoryKib);
        BinaryPrimitives.WriteUInt32LittleEndian(info[4..], parameters.Iterations);
        BinaryPrimitives.WriteUInt32LittleEndian(info[8..], parameters.Lanes);
        KeySchedule.Derive(credential, salt, info, output);
    }
}
