namespace Vault.Storage;

/// <summary>How a range of a file falls on chunks: perhaps a part, whole chunks, perhaps a part.</summary>
internal readonly struct ChunkSpan
{
    public ChunkSpan(long offset, int length, int chunkSize)
    {
        FirstIndex = offset / chunkSize;
        LastIndex = (offset + length - 1) / chunkSize;
        HeadStart = (int)(offset % chunkSize);
        int end = (int)((offset + length) % chunkSize);
        bool endsInChunk = end != 0;
        if (FirstIndex == LastIndex)
        {
            HasHead = HeadStart != 0 || endsInChunk;
            HeadLength = HasHead ? length : 0;
        }
        else
        {
            HasHead = HeadStart != 0;
            HeadLength = HasHead ? chunkSize - HeadStart : 0;
            HasTail = endsInChunk;
            TailLength = HasTail ? end : 0;
        }

        FirstWhole = FirstIndex + (HasHead ? 1 : 0);
        WholeCount = (int)(LastIndex - (HasTail ? 1 : 0) - FirstWhole + 1);
    }

    public long FirstIndex { get; }

    public long LastIndex { get; }

    /// <summary>The range begins, or lies, in the middle of chunk <see cref="FirstIndex"/>.</summary>
    public bool HasHead { get; }

    /// <summary>Where in its chunk the head starts.</summary>
    public int HeadStart { get; }

    public int HeadLength { get; }

    /// <summary>The range ends in the middle of chunk <see cref="LastIndex"/>, which is not the head's.</summary>
    public bool HasTail { get; }

    public int TailLength { get; }

    public long FirstWhole { get; }

    public int WholeCount { get; }
}
