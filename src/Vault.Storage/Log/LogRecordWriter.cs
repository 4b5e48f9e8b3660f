using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>Puts records one behind the other. Each call returns false, and has written nothing, if there is no room.</summary>
/// <param name="room">Receives the records.</param>
internal ref struct LogRecordWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public bool TryPut(in TreeKey key, scoped ReadOnlySpan<byte> value)
    {
        if (!TryTake(1 + TreeKey.SizeBytes + 2 + value.Length, LogRecordKind.Put, out Span<byte> record))
            return false;
        key.WriteTo(record);
        BinaryPrimitives.WriteUInt16LittleEndian(record[TreeKey.SizeBytes..], (ushort)value.Length);
        value.CopyTo(record[(TreeKey.SizeBytes + 2)..]);
        return true;
    }

    public bool TryRemove(in TreeKey key)
    {
        if (!TryTake(1 + TreeKey.SizeBytes, LogRecordKind.Remove, out Span<byte> record))
            return false;
        key.WriteTo(record);
        return true;
    }

    public bool TryFree(in LogSegment run) => TryRun(LogRecordKind.Free, run);

    public bool TryContinue(in LogSegment next) => TryRun(LogRecordKind.Continue, next);

    /// <param name="key">Of the chunk's record.</param>
    /// <param name="chunk">How it is held.</param>
    /// <param name="blocks">Whole blocks, at most 32.</param>
    public bool TryData(in TreeKey key, in LoggedChunk chunk, scoped ReadOnlySpan<byte> blocks)
    {
        if (!TryTake(1 + TreeKey.SizeBytes + 5 + blocks.Length, LogRecordKind.Data, out Span<byte> record))
            return false;
        key.WriteTo(record);
        record = record[TreeKey.SizeBytes..];
        record[0] = (byte)chunk.FirstBlock;
        record[1] = (byte)(blocks.Length / ContainerLayout.BlockSize);
        record[2] = (byte)chunk.CountedBlocks;
        record[3] = (byte)chunk.PlaceBlocks;
        record[4] = chunk.IsFresh ? (byte)1 : (byte)0;
        blocks.CopyTo(record[5..]);
        return true;
    }

    private bool TryRun(LogRecordKind kind, in LogSegment run)
    {
        if (!TryTake(1 + LogSegment.SizeBytes, kind, out Span<byte> record))
            return false;
        run.WriteTo(record);
        return true;
    }

    private bool TryTake(int length, LogRecordKind kind, out Span<byte> record)
    {
        record = default;
        if (_room.Length - Length < length)
            return false;
        _room[Length] = (byte)kind;
        record = _room.Slice(Length + 1, length - 1);
        Length += length;
        return true;
    }
}
