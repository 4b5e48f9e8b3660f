namespace Vault.Storage;

/// <summary>One record of an append, and where its bytes lie. Which fields count depends on the kind.</summary>
internal readonly ref struct LogRecord
{
    public LogRecordKind Kind { get; init; }

    /// <summary>Put, Remove; of Data the key of the chunk's record.</summary>
    public TreeKey Key { get; init; }

    /// <summary>Put: the value. Data: whole blocks.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>Free, Continue: the run.</summary>
    public LogSegment Run { get; init; }

    public LoggedChunk Chunk { get; init; }
}
