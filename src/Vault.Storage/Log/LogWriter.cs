using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Where appends go: segments that the space map gives, one behind the other. Seals an append and chains it to the one before;
/// the caller writes it. Not synchronized.
/// </summary>
internal sealed class LogWriter(Volume volume)
{
    /// <summary>Blocks of the longest append: what is sealed at once.</summary>
    public const int MaxAppendBlocks = 64;

    public const int MaxAppendBytes = MaxAppendBlocks * ContainerLayout.BlockSize;

    /// <summary>Bytes of records that the longest append holds.</summary>
    public const int MaxRecordBytes = MaxAppendBytes - LogFrame.SizeBytes - LogHeader.SizeBytes;

    /// <summary>The last blocks of a segment: for going on elsewhere, and for the mark behind that.</summary>
    private const int BlocksAtEnd = 2;

    private readonly List<LogSegment> _segments = [];
    private int _nextBlock;
    private SealStamp _last;
    private BlockAddress _markPlace;
    private UInt128 _markedTag;

    /// <summary>Whether appends can be made, once a state is durable that leads to them.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Blocks of appends since the last <see cref="Freeze"/>.</summary>
    public int LoggedBlocks { get; private set; }

    private BlockAddress PlaceOfNext => new(_segments[^1].Address.Value + (ulong)_nextBlock);

    /// <summary>Takes over the segments of a log that was replayed: they are freed by the next state.</summary>
    public void TakeOver(IReadOnlyList<LogSegment> segments) => _segments.AddRange(segments);

    /// <summary>An append could not be written: the log ends, and the next state begins another.</summary>
    public void Break() => IsOpen = false;

    /// <summary>What a state says that freezes now: where the log goes on behind it. Frees what lies before.</summary>
    /// <param name="generation">Of the state.</param>
    /// <param name="close">The state is to have no log.</param>
    /// <param name="settle">Whether a log without appends is to move to the lowest place, so that the container can become shorter.</param>
    /// <param name="random">For the beginning of a chain.</param>
    /// <param name="isNew">Whether appends must wait until the state is durable: nothing else leads to them.</param>
    public LogStart Freeze(ulong generation, bool close, bool settle, RandomSource random, out bool isNew)
    {
        isNew = false;
        IsOpen &= !settle || LoggedBlocks > 0;
        LoggedBlocks = 0;
        _markPlace = BlockAddress.None; // its segment is freed
        FreeAllBut(IsOpen && !close ? 1 : 0);
        if (close || (!IsOpen && !TryBegin(random)))
        {
            IsOpen = false;
            return default;
        }

        isNew = !IsOpen;
        IsOpen = true;
        return new LogStart(_segments[^1], _nextBlock, _last, generation);
    }

    /// <summary>
    /// Finds room for an append. If the segment is full the log goes on in another one; the old one says so in an append of
    /// its own.
    /// </summary>
    /// <param name="bytes">Frame, header and records.</param>
    /// <param name="next">The new segment, or none: the caller seals a record that names it first.</param>
    /// <returns>False: the host has no space.</returns>
    public bool TryMakeRoom(int bytes, out LogSegment next)
    {
        next = default;
        int blocks = ContainerLayout.BlocksFor(bytes);
        if (_nextBlock + blocks + BlocksAtEnd <= _segments[^1].BlockCount)
            return true;
        int least = blocks + BlocksAtEnd;
        return TryAllocate(Math.Max(volume.Space.Policy.LogSegment, least), least, out next);
    }

    /// <summary>Goes on in a segment that the last append named.</summary>
    public void GoOnIn(in LogSegment next)
    {
        _markPlace = PlaceOfNext;
        _markedTag = _last.Tag;
        _segments.Add(next);
        _nextBlock = 0;
    }

    /// <summary>
    /// Seals the mark behind a way to another segment. It says nothing and is never followed; written with the second append
    /// there, when the way is known to be durable, it tells that the way was damaged from one that a crash cut off.
    /// </summary>
    /// <param name="plaintext">A block: a header without records.</param>
    /// <param name="room">Receives the mark, a block.</param>
    /// <param name="place">Where it is to be written.</param>
    /// <returns>False: none is due.</returns>
    public bool TrySealMark(Span<byte> plaintext, Span<byte> room, out BlockAddress place)
    {
        place = _markPlace;
        _markPlace = BlockAddress.None;
        if (!place.IsNone)
            _ = SealAt(place, _markedTag, plaintext, room[..ContainerLayout.BlockSize]);
        return !place.IsNone;
    }

    /// <summary>Seals an append: after it the next one can be sealed, but nothing is written yet.</summary>
    /// <param name="plaintext">Header and records; room up to whole blocks behind them.</param>
    /// <param name="length">Bytes of header and records.</param>
    /// <param name="room">Receives the append as it is to be stored.</param>
    /// <param name="place">Where.</param>
    /// <returns>The part of <paramref name="room"/> that is to be written.</returns>
    public Span<byte> Seal(Span<byte> plaintext, int length, Span<byte> room, out BlockAddress place)
    {
        int blocks = ContainerLayout.BlocksFor(LogFrame.SizeBytes + length);
        Span<byte> append = room[..(blocks * ContainerLayout.BlockSize)];
        plaintext[length..(append.Length - LogFrame.SizeBytes)].Clear();
        place = PlaceOfNext;
        _last = SealAt(place, _last.Tag, plaintext, append);
        _nextBlock += blocks;
        LoggedBlocks += blocks;
        return append;
    }

    private SealStamp SealAt(BlockAddress place, UInt128 previousTag, ReadOnlySpan<byte> plaintext, Span<byte> append)
    {
        int blocks = append.Length / ContainerLayout.BlockSize;
        Span<byte> context = stackalloc byte[LogFrame.ContextSize];
        LogFrame.WriteContext(context, previousTag, place, blocks);
        SealStamp stamp = volume.Session!.Seal(SealKind.Log, plaintext[..(append.Length - LogFrame.SizeBytes)], append[LogFrame.SizeBytes..], context);
        new LogFrame(stamp, previousTag, blocks).WriteTo(append);
        return stamp;
    }

    private bool TryBegin(RandomSource random)
    {
        if (!TryAllocate(volume.Space.Policy.FirstLogSegment, BlocksAtEnd + 1, out LogSegment first))
            return false;
        Span<byte> tag = stackalloc byte[16];
        random.Fill(tag);
        _segments.Add(first);
        _nextBlock = 0;

        // Sequences count upwards: whatever appends of this session lie there from before are older than this.
        _last = new SealStamp(volume.Session!.Salt, _last.Sequence, BinaryPrimitives.ReadUInt128LittleEndian(tag));
        return true;
    }

    private bool TryAllocate(int wanted, int minimum, out LogSegment segment)
    {
        bool isGiven = volume.Space.TryAllocateRun(wanted, minimum, mayUseReserve: false, out BlockAddress start, out int count);
        segment = isGiven ? new LogSegment(start, count) : default;
        return isGiven;
    }

    // Held back until the states that may need them are gone.
    private void FreeAllBut(int kept)
    {
        for (int i = 0; i < _segments.Count - kept; i++)
            volume.Space.FreeLogged(_segments[i]);
        _segments.RemoveRange(0, _segments.Count - kept);
    }
}
