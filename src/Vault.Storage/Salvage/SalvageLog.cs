using System.Runtime.InteropServices;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// What the intent log says over the newest state: values of keys, keys that are gone, blocks of chunks that were not sealed. Kept
/// in memory, which the log is short enough for.
/// </summary>
internal sealed class SalvageLog
{
    // Null: the key is gone. A chunk that is there in blocks alone, whatever is stored, has a value without bytes.
    private readonly SortedDictionary<TreeKey, byte[]?> _values = new(Comparer<TreeKey>.Create(static (a, b) => a.CompareTo(b)));
    private readonly Dictionary<TreeKey, Blocks> _blocks = [];
    private TreeKey[]? _order;

    /// <summary>Blocks of one chunk.</summary>
    private sealed class Blocks(bool isFresh)
    {
        public bool IsFresh { get; } = isFresh;

        public SortedDictionary<int, byte[]> Content { get; } = [];
    }

    /// <summary>Keys that the log says something of.</summary>
    public int Count => _values.Count + _blocks.Count;

    /// <summary>Reads the log of a state.</summary>
    /// <param name="scan">Followed as far as it can be.</param>
    /// <param name="units">To see whether the last append is whole.</param>
    /// <param name="log">Receives damage.</param>
    /// <param name="tree">Of the state.</param>
    public static SalvageLog Read(LogScan scan, SealedUnits units, DurableTree tree, CheckLog log)
    {
        SalvageLog salvaged = new();
        byte[] buffer = PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes);
        try
        {
            for (int i = 0; i < scan.Appends.Count; i++)
            {
                LogAppend append = scan.Appends[i];
                ReadOnlySpan<byte> records = scan.Read(append, buffer, out _);
                bool isLast = i == scan.Appends.Count - 1 && !scan.IsDamaged;
                if (!isLast || IsWhole(new LogRecordReader(records, append.Place.OffsetBytes), units, tree))
                    salvaged.Apply(new LogRecordReader(records, append.Place.OffsetBytes));
            }
        }
        catch (VaultCorruptionException e)
        {
            log.Add(CheckFindingKind.IntentLog, scan.Segments[0].AsUnit, e.Message); // authentic, and not what a log holds: what came before counts
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }

        return salvaged;
    }

    /// <summary>What the log says of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Null: it is gone.</param>
    /// <returns>False: nothing.</returns>
    public bool TryGet(in TreeKey key, out byte[]? value) => _values.TryGetValue(key, out value);

    /// <summary>The keys in a range that the log says something of, in order; also of chunks that it has no more than blocks of.</summary>
    public ReadOnlySpan<TreeKey> KeysIn(in TreeKey low, in TreeKey end)
    {
        _order ??= [.. _values.Keys.Union(_blocks.Keys).Order(_values.Comparer)];
        int first = IndexOf(low);
        return _order.AsSpan(first, Math.Max(0, IndexOf(end) - first));
    }

    /// <summary>Whether the log has blocks of a chunk, and whether all others are zeros, whatever is stored.</summary>
    public bool HasBlocks(in TreeKey chunk, out bool isFresh)
    {
        bool has = _blocks.TryGetValue(chunk, out Blocks? blocks);
        isFresh = has && blocks!.IsFresh;
        return has;
    }

    /// <summary>The blocks of a chunk: index in the chunk, content.</summary>
    public IEnumerable<KeyValuePair<int, byte[]>> BlocksOf(TreeKey chunk) => _blocks[chunk].Content;

    private int IndexOf(in TreeKey key)
    {
        int index = Array.BinarySearch(_order!, key, _values.Comparer);
        return index < 0 ? ~index : index;
    }

    private void Apply(LogRecordReader records)
    {
        LogRecordReader data = records;
        while (records.MoveNext(out LogRecord record))
        {
            if (record.Kind is not (LogRecordKind.Put or LogRecordKind.Remove))
                continue;
            _values[record.Key] = record.Kind == LogRecordKind.Put ? record.Bytes.ToArray() : null;
            _blocks.Remove(record.Key);
        }

        while (data.MoveNext(out LogRecord record))
        {
            if (record.Kind == LogRecordKind.Data)
                ApplyData(record);
        }
    }

    private void ApplyData(in LogRecord record)
    {
        ref Blocks? blocks = ref CollectionsMarshal.GetValueRefOrAddDefault(_blocks, record.Key, out _);
        blocks ??= new Blocks(record.Chunk.IsFresh);
        if (record.Chunk.IsFresh)
            _values[record.Key] = [];
        for (int i = 0; i < record.Bytes.Length / ContainerLayout.BlockSize; i++)
            blocks.Content[record.Chunk.FirstBlock + i] = record.Bytes.Slice(i * ContainerLayout.BlockSize, ContainerLayout.BlockSize).ToArray();
    }

    // As for a replay: what it names was perhaps not written any more.
    private static bool IsWhole(LogRecordReader records, SealedUnits units, DurableTree tree)
    {
        byte[] buffer = PinnedBufferPool.Shared.Rent(LogSegment.MaxBlocks * ContainerLayout.BlockSize);
        Span<byte> stored = stackalloc byte[ChunkRecord.SizeBytes];
        try
        {
            while (records.MoveNext(out LogRecord record))
            {
                if (!LogReplay.NamesChunk(record, out BlockPointer pointer))
                    continue;
                bool isStored = tree.TryGet(record.Key, stored, out int length) == DurableTree.Outcome.Found && length == stored.Length && record.Bytes.SequenceEqual(stored);
                if (!isStored && !units.TryReadCopy(pointer, pointer.Address, buffer.AsSpan(0, pointer.SizeOfUnit)))
                    return false;
            }

            return true;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }
    }
}
