using System.Buffers.Binary;

namespace Vault.Testing.Fuzzing;

/// <summary>Changes valid inputs into nearly valid ones. What it does is determined by the random numbers that it is given.</summary>
internal sealed class Mutator(Random random)
{
    /// <summary>An input never grows beyond it.</summary>
    private const int MaxLength = 256 * 1024;

    private static readonly ulong[] s_interesting =
    [
        0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 4095, 4096, 4097, 16383, 16384, 32767, 32768, 65535, 65536, 1 << 20,
        int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, (1UL << 47) - 1, (1UL << 48) - 1, 1UL << 48, 1UL << 53, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <summary>Applies one to eight changes.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="other">Another input of the corpus, to splice with.</param>
    /// <param name="keepsLength">For inputs of a fixed length: only changes within it.</param>
    public byte[] Mutate(byte[] input, byte[] other, bool keepsLength)
    {
        byte[] changed = (byte[])input.Clone();
        for (int i = 1 << random.Next(4); i > 0; i--)
            changed = MutateOnce(changed, other, keepsLength);
        return changed;
    }

    private byte[] MutateOnce(byte[] input, byte[] other, bool keepsLength)
    {
        if (input.Length == 0)
            return keepsLength ? input : RandomBytes(random.Next(1, 64));
        switch (random.Next(keepsLength ? 8 : 13))
        {
            case 0:
                input[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                return input;
            case 1:
                input[random.Next(input.Length)] = (byte)random.Next(256);
                return input;
            case 2:
                SetInteger(input, s_interesting[random.Next(s_interesting.Length)]);
                return input;
            case 3:
                AddToInteger(input, random.Next(-17, 18));
                return input;
            case 4:
                CopyWithin(input);
                return input;
            case 5:
                SwapFields(input);
                return input;
            case 6:
                (int start, int length) = Range(input.Length);
                input.AsSpan(start, length).Fill((byte)(random.Next(2) * 255));
                return input;
            case 7:
                (start, length) = Range(Math.Min(input.Length, other.Length));
                other.AsSpan(start, length).CopyTo(input.AsSpan(start));
                return input;
            case 8:
                return input[..random.Next(input.Length)];
            case 9:
                return Join(input, RandomBytes(random.Next(1, 300)), []);
            case 10:
                (start, length) = Range(input.Length);
                return Join(input[..(start + length)], input[start..(start + length)], input[(start + length)..]);
            case 11:
                (start, length) = Range(input.Length);
                return Join(input[..start], [], input[(start + length)..]);
            default:
                return Join(input[..random.Next(input.Length)], other[random.Next(other.Length + 1)..], []);
        }
    }

    private static byte[] Join(byte[] a, byte[] b, byte[] c) => (long)a.Length + b.Length + c.Length > MaxLength ? a : [.. a, .. b, .. c];

    // Ranges are short more often than long, and begin at a multiple of four more often than not: that is where fields are.
    private (int Start, int Length) Range(int total)
    {
        if (total == 0)
            return (0, 0);
        int start = random.Next(total);
        if (random.Next(2) == 0)
            start &= ~3;
        int length = 1 << random.Next(12);
        if (random.Next(2) == 0)
            length = random.Next(length) + 1;
        return (start, Math.Min(length, total - start));
    }

    private void SetInteger(byte[] input, ulong value)
    {
        int size = 1 << random.Next(4);
        Span<byte> field = Field(input, size);
        Span<byte> bytes = stackalloc byte[8];
        if (random.Next(8) == 0)
            BinaryPrimitives.WriteUInt64BigEndian(bytes, value << (64 - (8 * size)));
        else
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..field.Length].CopyTo(field);
    }

    private void AddToInteger(byte[] input, int change)
    {
        Span<byte> field = Field(input, 1 << random.Next(4));
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        field.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, unchecked(BinaryPrimitives.ReadUInt64LittleEndian(bytes) + (ulong)(long)change));
        bytes[..field.Length].CopyTo(field);
    }

    private Span<byte> Field(byte[] input, int size)
    {
        int at = random.Next(input.Length);
        if (random.Next(4) != 0)
            at &= ~(size - 1);
        return input.AsSpan(at, Math.Min(size, input.Length - at));
    }

    private void CopyWithin(byte[] input)
    {
        (int from, int length) = Range(input.Length);
        int to = random.Next(input.Length);
        input.AsSpan(from, Math.Min(length, input.Length - to)).CopyTo(input.AsSpan(to));
    }

    private void SwapFields(byte[] input)
    {
        int size = 1 << random.Next(7);
        if (input.Length < 2 * size)
            return;
        int a = random.Next(input.Length / size) * size;
        int b = random.Next(input.Length / size) * size;
        byte[] field = input.AsSpan(a, size).ToArray();
        input.AsSpan(b, size).CopyTo(input.AsSpan(a));
        field.CopyTo(input.AsSpan(b));
    }

    private byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
