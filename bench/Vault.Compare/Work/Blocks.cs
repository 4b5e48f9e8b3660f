using System.Buffers.Binary;

namespace Vault.Compare.Work;

/// <summary>Random (incompressible) data in blocks of 4 KiB, each of which begins with its number, so that a reader can tell a wrong one.</summary>
internal static class Blocks
{
    public const int Size = 4096;

    public static byte[] Random(int size)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        new Random(20_260_101).NextBytes(data);
        return data;
    }

    /// <param name="data">Whole blocks.</param>
    /// <param name="first">The number of the first one.</param>
    public static void Stamp(Span<byte> data, long first)
    {
        for (int offset = 0; offset < data.Length; offset += Size)
            BinaryPrimitives.WriteInt64LittleEndian(data[offset..], first++);
    }

    public static void Verify(ReadOnlySpan<byte> data, long first)
    {
        for (int offset = 0; offset < data.Length; offset += Size, first++)
        {
            long found = BinaryPrimitives.ReadInt64LittleEndian(data[offset..]);
            if (found != first)
                throw new InvalidDataException($"Block {first} was read wrongly: it says that it is {found}.");
        }
    }

    /// <summary>Numbers below <paramref name="blockCount"/> in random order, none twice.</summary>
    public static int[] Order(long blockCount, int count, int seed)
    {
        int[] numbers = new int[blockCount];
        for (int index = 0; index < numbers.Length; index++)
            numbers[index] = index;
        new Random(seed).Shuffle(numbers);
        return numbers[..count];
    }
}
