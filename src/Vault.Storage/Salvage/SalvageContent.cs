using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Reads content of files as of one state, around damage. States are never mixed within a file: what comes out is what
/// the file held then, or is missing. For one thread.
/// </summary>
internal sealed class SalvageContent(SalvageStates states, SealedUnits units, int chunkSize, CheckLog log) : IDisposable
{
    private readonly int _chunkSize = chunkSize;
    private readonly byte[] _buffer = PinnedBufferPool.Shared.Rent(Math.Max(chunkSize, LeafPage.MaxValueSize));

    /// <summary>Reads a file.</summary>
    /// <param name="state">As of which state.</param>
    /// <param name="inode">The file.</param>
    /// <param name="record">Its record, as of that state.</param>
    /// <param name="sink">Receives what can be read; null to see only whether all can.</param>
    /// <param name="missing">Receives ranges that cannot be read, in order, neighbours as one.</param>
    /// <returns>Bytes that were read.</returns>
    public long Read(int state, ulong inode, in InodeRecord record, ISalvageSink? sink, List<(long Offset, long Length)> missing)
    {
        if ((record.Flags & InodeFlags.IsInline) != 0)
            return ReadInline(state, inode, record.Size, sink, missing);
        ChunkReader reader = new(this, record.Size, sink, missing);
        states.WalkIn(state, new TreeKey(TableId.Chunks, inode), LostRanges.After(TableId.Chunks, inode), reader);
        if ((record.Flags & InodeFlags.HasLostContent) != 0)
        {
            // No chunk lies within what a repair noted as lost: ranges come in between those above.
            states.WalkIn(state, new TreeKey(TableId.LostContent, inode), LostRanges.After(TableId.LostContent, inode), new LostReader(reader));
            missing.Sort();
        }

        return reader.DoneBytes;
    }

    /// <summary>Whether a file can be read without a gap.</summary>
    public bool IsWhole(int state, ulong inode, in InodeRecord record)
    {
        List<(long Offset, long Length)> missing = [];
        Read(state, inode, record, sink: null, missing);
        return missing.Count == 0;
    }

    /// <summary>What can be told of a file whose record is lost: the newest state that has content of it, and how long that is.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="record">A regular file without attributes.</param>
    /// <param name="state">As of which state.</param>
    public bool TryMeasure(ulong inode, out InodeRecord record, out int state)
    {
        record = new InodeRecord { Mode = ModeBits.RegularFile };
        for (state = 0; state < states.Count; state++)
        {
            if (states.TryGetIn(state, new TreeKey(TableId.InlineData, inode), default, out int length))
            {
                record.Flags = InodeFlags.IsInline;
                record.Size = length;
                return true;
            }

            Extent extent = new(_chunkSize);
            states.WalkIn(state, new TreeKey(TableId.Chunks, inode), LostRanges.After(TableId.Chunks, inode), extent);
            record.Size = extent.EndBytes;
            if (extent.EndBytes > 0)
                return true;
        }

        return false;
    }

    public void Dispose() => PinnedBufferPool.Shared.Return(_buffer);

    private long ReadInline(int state, ulong inode, long size, ISalvageSink? sink, List<(long Offset, long Length)> missing)
    {
        if (!states.TryGetIn(state, new TreeKey(TableId.InlineData, inode), _buffer, out int length))
        {
            missing.Add((0, size));
            return 0;
        }

        length = (int)Math.Min(length, size);
        sink?.Write(0, _buffer.AsSpan(0, length));
        return length;
    }

    private SalvageLog? LogOf(int state) => states.LogOf(state);

    // Into the buffer: what is stored, and over it what the log has.
    private bool TryReadChunk(int state, in TreeKey key, ReadOnlySpan<byte> chunkRecord, out int length)
    {
        length = 0;
        if (LogOf(state) is not { } log || !log.HasBlocks(key, out bool isFresh))
            return TryRead(chunkRecord, out length);
        if (!isFresh && !TryRead(chunkRecord, out length))
            return false;
        _buffer.AsSpan(length, _chunkSize - length).Clear();
        length = _chunkSize;
        foreach ((int block, byte[] content) in log.BlocksOf(key))
        {
            if ((block + 1) * ContainerLayout.BlockSize <= _chunkSize)
                content.CopyTo(_buffer.AsSpan(block * ContainerLayout.BlockSize));
        }

        return true;
    }

    // Into the buffer.
    private bool TryRead(ReadOnlySpan<byte> chunkRecord, out int length)
    {
        length = 0;
        try
        {
            BlockPointer pointer = ChunkRecord.Read(chunkRecord);
            length = pointer.SizeOfUnit;
            log.Advance(length);
            return length <= _chunkSize && units.TryReadCopy(pointer, pointer.Address, _buffer.AsSpan(0, length));
        }
        catch (VaultCorruptionException)
        {
            return false; // a record that authenticated, of a kind that there is not
        }
    }

    private sealed class ChunkReader(SalvageContent owner, long size, ISalvageSink? sink, List<(long Offset, long Length)> missing) : ISalvageVisitor
    {
        public long DoneBytes { get; private set; }

        public void OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
        {
            long offset = OffsetOf(key.Item);
            int length = (int)Math.Min(size - offset, owner._chunkSize);
            if (length <= 0)
                return;
            if (!owner.TryReadChunk(state, key, value, out int unitLength))
            {
                MissAllButLogged(state, key, offset, length);
                return;
            }

            length = Math.Min(length, unitLength);
            sink?.Write(offset, owner._buffer.AsSpan(0, length));
            DoneBytes += length;
        }

        // Whether there were chunks or holes is not known.
        public void OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost)
        {
            long from = OffsetOf(low.Item);
            Miss(from, (end.Object == low.Object ? OffsetOf(end.Item) : size) - from);
        }

        private long OffsetOf(ulong chunkIndex) => (long)Math.Min(chunkIndex, (ulong)(size / owner._chunkSize) + 1) * owner._chunkSize;

        /// <summary>Chunks that are noted as lost.</summary>
        public void MissChunks(ulong first, ulong last) => Miss(OffsetOf(first), OffsetOf(last + 1) - OffsetOf(first));

        // What is stored of a chunk is lost, but not what was written over it.
        private void MissAllButLogged(int state, in TreeKey key, long offset, int length)
        {
            int done = 0;
            if (owner.LogOf(state) is { } log && log.HasBlocks(key, out _))
            {
                foreach ((int block, byte[] content) in log.BlocksOf(key))
                {
                    int start = block * ContainerLayout.BlockSize;
                    int count = Math.Min(content.Length, length - start);
                    if (count <= 0)
                        break;
                    Miss(offset + done, start - done);
                    sink?.Write(offset + start, content.AsSpan(0, count));
                    DoneBytes += count;
                    done = start + count;
                }
            }

            Miss(offset + done, length - done);
        }

        private void Miss(long offset, long length)
        {
            length = Math.Min(length, size - offset);
            if (length <= 0)
                return;
            if (missing.Count > 0 && missing[^1].Offset + missing[^1].Length == offset)
                missing[^1] = (missing[^1].Offset, missing[^1].Length + length);
            else
                missing.Add((offset, length));
        }
    }

    private sealed class LostReader(ChunkReader reader) : ISalvageVisitor
    {
        public void OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
        {
            if (value.Length == LostContent.ValueSize && key.Item < ulong.MaxValue)
                reader.MissChunks(LostContent.FirstOf(value), key.Item);
        }

        // Which chunks are lost is lost too: any hole may be none.
        public void OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost) => reader.MissChunks(0, ulong.MaxValue - 1);
    }

    private sealed class Extent(int chunkSize) : ISalvageVisitor
    {
        public long EndBytes { get; private set; }

        public void OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
        {
            if (key.Item < (ulong)(FileWriter.MaxFileSize / chunkSize))
                EndBytes = ((long)key.Item + 1) * chunkSize;
        }

        public void OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost)
        {
        }
    }
}
