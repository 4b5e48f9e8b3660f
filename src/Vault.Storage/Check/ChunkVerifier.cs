using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Authenticates chunks, many at once on a few threads: neighbours on the medium are fetched together. Memory is bounded by
/// the batch. What is damaged is told in the order in which it was added.
/// </summary>
internal sealed class ChunkVerifier(CheckContext context, Action<ChunkVerifier.Item> onDamaged)
{
    private const int BatchLength = 2048;
    private const int MaxThreads = 4;

    private readonly List<Item> _batch = new(BatchLength);
    private readonly bool[] _isDamaged = new bool[BatchLength];

    /// <summary>A chunk to verify.</summary>
    /// <param name="Pointer">Its place; at most a chunk long.</param>
    /// <param name="Inode">The file.</param>
    /// <param name="ChunkIndex">Its place in the file.</param>
    public readonly record struct Item(BlockPointer Pointer, ulong Inode, ulong ChunkIndex);

    public void Add(in Item item)
    {
        _batch.Add(item);
        if (_batch.Count == BatchLength)
            Flush();
    }

    /// <summary>Verifies what was added so far.</summary>
    public void Flush()
    {
        if (_batch.Count == 0)
            return;
        int[] order = [.. Enumerable.Range(0, _batch.Count).OrderBy(i => _batch[i].Pointer.Address.Value)];
        List<(int Start, int Count)> runs = RunsOf(order);
        Array.Clear(_isDamaged);
        ParallelOptions options = new() { MaxDegreeOfParallelism = Math.Min(MaxThreads, Environment.ProcessorCount) };
        Parallel.ForEach(runs, options, run => Verify(order.AsSpan(run.Start, run.Count)));
        long bytes = 0;
        for (int i = 0; i < _batch.Count; i++)
        {
            bytes += _batch[i].Pointer.SizeOfUnit;
            if (_isDamaged[i])
                onDamaged(_batch[i]);
        }

        _batch.Clear();
        context.Log.Advance(bytes);
    }

    private List<(int Start, int Count)> RunsOf(int[] order)
    {
        List<(int Start, int Count)> runs = [];
        int start = 0;
        int bytes = 0;
        for (int i = 0; i < order.Length; i++)
        {
            BlockPointer pointer = _batch[order[i]].Pointer;
            bool follows = i > start && pointer.Address.Value == EndOf(_batch[order[i - 1]].Pointer);
            if (i > start && (!follows || bytes + pointer.SizeOfUnit > CiphertextScratch.SizeBytes))
            {
                runs.Add((start, i - start));
                start = i;
                bytes = 0;
            }

            bytes += pointer.SizeOfUnit;
        }

        runs.Add((start, order.Length - start));
        return runs;
    }

    private static ulong EndOf(in BlockPointer pointer) => pointer.Address.Value + (ulong)pointer.BlockCount;

    private void Verify(ReadOnlySpan<int> run)
    {
        byte[] rented = PinnedBufferPool.Shared.Rent(context.ChunkSize);
        try
        {
            bool isWhole = TryFetch(run, out Span<byte> stored);
            foreach (int i in run)
            {
                BlockPointer pointer = _batch[i].Pointer;
                Span<byte> plaintext = rented.AsSpan(0, pointer.SizeOfUnit);
                if (!isWhole)
                {
                    _isDamaged[i] = !context.Units.TryReadCopy(pointer, pointer.Address, plaintext);
                    continue;
                }

                _isDamaged[i] = !context.Cipher.TryOpen(SealKind.Chunk, pointer.Stamp, stored[..pointer.SizeOfUnit], plaintext);
                stored = stored[pointer.SizeOfUnit..];
            }
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }

    // A sector that cannot be read, or the end of the medium, hides only the chunk that it is in: then each is read for itself.
    private bool TryFetch(ReadOnlySpan<int> run, out Span<byte> stored)
    {
        int bytes = 0;
        foreach (int i in run)
            bytes += _batch[i].Pointer.SizeOfUnit;
        stored = bytes <= CiphertextScratch.SizeBytes ? CiphertextScratch.Get(bytes) : default;
        try
        {
            return !stored.IsEmpty && context.Medium.Read(_batch[run[0]].Pointer.Address.OffsetBytes, stored) == bytes;
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError)
        {
            return false;
        }
    }
}
