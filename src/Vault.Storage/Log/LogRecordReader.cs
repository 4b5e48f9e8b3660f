using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>Takes records apart. Their bytes authenticated; that they are well formed is checked all the same.</summary>
/// <param name="records">Of one append.</param>
/// <param name="offsetBytes">Where the append lies, for errors.</param>
internal ref struct LogRecordReader(ReadOnlySpan<byte> records, long offsetBytes)
{
    private ReadOnlySpan<byte> _rest = records;

    /// <exception cref="VaultCorruptionException">What follows is no record.</exception>
    public bool MoveNext(out LogRecord record)
    {
        record = default;
        if (_rest.IsEmpty)
            return false;
        LogRecordKind kind = (LogRecordKind)_rest[0];
        _rest = _rest[1..];
        record = kind switch
        {
            LogRecordKind.Put => ReadPut(),
            LogRecordKind.Remove => new LogRecord { Kind = kind, Key = TreeKey.Read(Take(TreeKey.SizeBytes)) },
            LogRecordKind.Free or LogRecordKind.Continue => new LogRecord { Kind = kind, Run = LogSegment.Read(Take(LogSegment.SizeBytes)) },
            LogRecordKind.Data => ReadData(),
            _ => throw Malformed(),
        };
        return true;
    }

    private LogRecord ReadPut()
    {
        TreeKey key = TreeKey.Read(Take(TreeKey.SizeBytes));
        int length = BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
        if (length > LeafPage.MaxValueSize)
            throw Malformed();
        return new LogRecord { Kind = LogRecordKind.Put, Key = key, Bytes = Take(length) };
    }

    private LogRecord ReadData()
    {
        TreeKey key = TreeKey.Read(Take(TreeKey.SizeBytes));
        ReadOnlySpan<byte> fields = Take(5);
        LoggedChunk chunk = new(fields[0], fields[2], fields[3], fields[4] != 0);
        int blocks = fields[1];
        if (key.Table != TableId.Chunks || !ChunkTable.IsPossible(key, ContainerLayout.BlockSize) || blocks == 0 || chunk.FirstBlock + blocks > chunk.PlaceBlocks)
            throw Malformed();
        return new LogRecord { Kind = LogRecordKind.Data, Key = key, Chunk = chunk, Bytes = Take(blocks * ContainerLayout.BlockSize) };
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw Malformed();
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private readonly VaultCorruptionException Malformed() => new(new CorruptionSite("intent log", offsetBytes, "structure"));
}
