using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Follows the intent log of a state as far as it authenticates. What ends it is either a write that a crash cut off, which
/// nobody was told of, or damage: the two are told apart by what comes behind, since an append is written only when the one
/// before is durable.
/// </summary>
internal sealed class LogScan
{
    private readonly IMedium _medium;
    private readonly VaultCipher _cipher;
    private readonly List<LogAppend> _appends = [];
    private readonly List<LogSegment> _segments = [];

    private LogScan(IMedium medium, VaultCipher cipher)
    {
        _medium = medium;
        _cipher = cipher;
    }

    /// <summary>The appends that belong to the state, in order.</summary>
    public IReadOnlyList<LogAppend> Appends => _appends;

    /// <summary>The segments that the log lies in.</summary>
    public IReadOnlyList<LogSegment> Segments => _segments;

    /// <summary>Whether an append that was durable cannot be read: later ones can.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The generation that an append behind the state's own says was durable; 0: none does. A newer state is lost then.</summary>
    public ulong NewerGeneration { get; private set; }

    /// <summary>Follows the log of a state.</summary>
    /// <param name="medium">Is only read.</param>
    /// <param name="cipher">Of the vault.</param>
    /// <param name="state">A superblock that authenticated.</param>
    /// <exception cref="VaultException">IoError: the host failed to read, and nobody can say what is there.</exception>
    public static LogScan Of(IMedium medium, VaultCipher cipher, Superblock state)
    {
        LogScan scan = new(medium, cipher);
        if (!state.Log.IsNone)
            scan.Follow(state.Log, state.Generation);
        return scan;
    }

    /// <summary>Reads and opens an append once more.</summary>
    /// <param name="append">Of <see cref="Appends"/>.</param>
    /// <param name="plaintext">From the pinned pool, <see cref="LogWriter.MaxAppendBytes"/> at least.</param>
    /// <param name="header">What it says of itself.</param>
    /// <returns>Its records, within <paramref name="plaintext"/>.</returns>
    /// <exception cref="VaultCorruptionException">It is not what it was.</exception>
    public ReadOnlySpan<byte> Read(in LogAppend append, Span<byte> plaintext, out LogHeader header)
    {
        if (!TryOpen(append.Place, append.Frame, plaintext, out int length))
            throw new VaultCorruptionException(new CorruptionSite("intent log", append.Place.OffsetBytes, "tag"));
        return RecordsIn(append, plaintext, length, out header);
    }

    /// <summary>Leaves the last append out: what it names was not written to its end.</summary>
    public void DropLast() => _appends.RemoveAt(_appends.Count - 1);

    private static ReadOnlySpan<byte> RecordsIn(in LogAppend append, ReadOnlySpan<byte> plaintext, int length, out LogHeader header)
    {
        header = LogHeader.Read(plaintext);
        if (header.RecordBytes < 0 || header.RecordBytes > length - LogHeader.SizeBytes)
            throw new VaultCorruptionException(new CorruptionSite("intent log", append.Place.OffsetBytes, "structure"));
        return plaintext.Slice(LogHeader.SizeBytes, header.RecordBytes);
    }

    private void Follow(LogStart start, ulong generation)
    {
        byte[] buffer = PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes);
        try
        {
            LogStart at = start;
            while (!at.IsNone)
                at = Next(at, generation, buffer);
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }
    }

    // One append further, or none. The log is as long as the container at most: no segment is visited twice.
    private LogStart Next(in LogStart at, ulong generation, Span<byte> buffer)
    {
        if (_segments.Count == 0 || _segments[^1] != at.Segment)
        {
            if (!at.Segment.LiesWithin(_medium.LengthBytes) || _segments.Contains(at.Segment))
                return default;
            _segments.Add(at.Segment);
        }

        BlockAddress place = new(at.Segment.Address.Value + (ulong)at.NextBlock);
        int left = at.Segment.BlockCount - at.NextBlock;
        if (left <= 0 || !TryReadFrame(place, left, out LogFrame frame) || frame.PreviousTag != at.Last.Tag || !TryOpen(place, frame, buffer, out int length))
        {
            IsDamaged = HasLater(at, buffer);
            return default;
        }

        LogAppend append = new(place, frame);
        if (!IsWellFormed(append, buffer[..length], out LogHeader header, out LogRecord first))
        {
            IsDamaged = true; // authentic, and nothing that a sync writes: a bug of ours. What came before counts
            return default;
        }

        if (header.BaseGeneration > at.Generation)
        {
            // A state that was written again, under a later number than the one that is missing, was accepted for it.
            NewerGeneration = header.BaseGeneration > generation ? header.BaseGeneration : 0;
            return default;
        }

        // What leads to another segment is written together with the append there, and may be all that is left of the two: it says nothing.
        if (first.Kind == LogRecordKind.Continue)
            return at with { Segment = first.Run, NextBlock = 0, Last = frame.Stamp };
        _appends.Add(append);
        return at with { NextBlock = at.NextBlock + frame.BlockCount, Last = frame.Stamp };
    }

    // What comes later trusts that every record can be read, and that what it names lies in the container.
    private bool IsWellFormed(in LogAppend append, ReadOnlySpan<byte> plaintext, out LogHeader header, out LogRecord first)
    {
        header = default;
        first = default;
        try
        {
            LogRecordReader records = new(RecordsIn(append, plaintext, plaintext.Length, out header), append.Place.OffsetBytes);
            for (bool isFirst = true; records.MoveNext(out LogRecord record); isFirst = false)
            {
                if (isFirst)
                    first = record;
                if (record.Kind == LogRecordKind.Continue && !isFirst)
                    return false;
                bool namesChunk = LogReplay.NamesChunk(record, out BlockPointer pointer);
                LogSegment run = namesChunk ? new LogSegment(pointer.Address, pointer.BlockCount) : record.Run;
                bool namesRun = namesChunk || record.Kind is LogRecordKind.Free or LogRecordKind.Continue;
                if (namesRun && (!run.LiesWithin(_medium.LengthBytes) || (run.Address.Value % BitmapPage.BlocksPerGroup) + (ulong)run.BlockCount > BitmapPage.BlocksPerGroup))
                    return false;
            }

            return true;
        }
        catch (VaultCorruptionException)
        {
            return false;
        }
    }

    // Whether an append that was sealed after the last good one lies further on in the segment. Older ones may too.
    private bool HasLater(in LogStart at, Span<byte> buffer)
    {
        const int BlocksAtOnce = CiphertextScratch.SizeBytes / ContainerLayout.BlockSize;
        List<LogAppend> later = [];
        for (int block = at.NextBlock + 1; block < at.Segment.BlockCount; block += BlocksAtOnce)
        {
            int count = Math.Min(BlocksAtOnce, at.Segment.BlockCount - block);
            Span<byte> stored = CiphertextScratch.Get(count * ContainerLayout.BlockSize);
            BlockAddress first = new(at.Segment.Address.Value + (ulong)block);
            int whole = _medium.Read(first.OffsetBytes, stored) / ContainerLayout.BlockSize;
            for (int i = 0; i < whole; i++)
            {
                if (IsPossible(stored[(i * ContainerLayout.BlockSize)..], at.Segment.BlockCount - block - i, out LogFrame frame)
                    && frame.Stamp.Salt == at.Last.Salt && frame.Stamp.Sequence > at.Last.Sequence)
                {
                    later.Add(new LogAppend(new BlockAddress(first.Value + (ulong)i), frame));
                }
            }
        }

        foreach (LogAppend append in later)
        {
            if (TryOpen(append.Place, append.Frame, buffer, out _))
                return true;
        }

        return false;
    }

    private bool TryReadFrame(BlockAddress place, int mostBlocks, out LogFrame frame)
    {
        Span<byte> bytes = stackalloc byte[LogFrame.SizeBytes];
        frame = default;
        return _medium.Read(place.OffsetBytes, bytes) == bytes.Length && IsPossible(bytes, mostBlocks, out frame);
    }

    private static bool IsPossible(ReadOnlySpan<byte> stored, int mostBlocks, out LogFrame frame)
    {
        frame = LogFrame.Read(stored);
        return frame.BlockCount >= 1 && frame.BlockCount <= Math.Min(mostBlocks, LogWriter.MaxAppendBlocks);
    }

    private bool TryOpen(BlockAddress place, in LogFrame frame, Span<byte> plaintext, out int length)
    {
        length = (frame.BlockCount * ContainerLayout.BlockSize) - LogFrame.SizeBytes;
        Span<byte> context = stackalloc byte[LogFrame.ContextSize];
        LogFrame.WriteContext(context, frame.PreviousTag, place, frame.BlockCount);
        Span<byte> stored = CiphertextScratch.Get(length);
        return _medium.Read(place.OffsetBytes + LogFrame.SizeBytes, stored) == length
            && _cipher.TryOpen(SealKind.Log, frame.Stamp, stored, plaintext[..length], context);
    }
}
