namespace Vault.Storage.Tests;

/// <summary>A medium in memory. Counts what is asked of it and can be copied, cut and damaged by tests.</summary>
internal sealed class MemoryMedium : IMedium
{
    private const int BlockSize = ContainerLayout.BlockSize;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _holes = [];
    private byte[] _bytes;
    private long _length;

    public MemoryMedium()
        : this([])
    {
    }

    public MemoryMedium(byte[] bytes)
    {
        _bytes = bytes;
        _length = bytes.Length;
    }

    /// <summary>Most bytes that the host gives, holes not counted; beyond is ENOSPC.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>From this many writes and flushes on, everything fails.</summary>
    public long FailAfterOperations { get; set; } = long.MaxValue;

    /// <summary>Called with a read's offset before it; may throw what the host would. Holds no lock.</summary>
    public Action<long>? BeforeRead { get; set; }

    /// <summary>Called with a read's offset and length before it; may throw what the host would. Holds no lock.</summary>
    public Action<long, int>? BeforeReadRange { get; set; }

    /// <summary>Called with a write's offset before it; may throw what the host would. Holds no lock.</summary>
    public Action<long>? BeforeWrite { get; set; }

    /// <summary>Called before a flush; may throw what the host would. Holds no lock.</summary>
    public Action? BeforeFlush { get; set; }

    /// <summary>Called after a trim or a cut, as the only user of the medium's bytes.</summary>
    public Action? AfterGiveBack { get; set; }

    /// <summary>Bytes that the host has given and not got back: what <c>du</c> tells.</summary>
    public long AllocatedBytes => _length - ((long)_holes.Count * BlockSize);

    public long OperationCount { get; private set; }

    public int FlushCount { get; private set; }

    public bool IsDisposed { get; private set; }

    public long LengthBytes => _length;

    public bool IsReadOnly { get; set; }

    public long HostFreeBytes => CapacityBytes == long.MaxValue ? 1L << 40 : CapacityBytes - AllocatedBytes;

    public byte[] Snapshot()
    {
        lock (_lock)
            return _bytes.AsSpan(0, (int)_length).ToArray();
    }

    /// <summary>Puts earlier bytes back, as if nothing had been written since.</summary>
    public void Restore(byte[] snapshot)
    {
        lock (_lock)
        {
            _bytes = (byte[])snapshot.Clone();
            _length = snapshot.Length;
            _holes.Clear();
        }
    }

    public int Read(long offsetBytes, Span<byte> destination)
    {
        BeforeRead?.Invoke(offsetBytes);
        BeforeReadRange?.Invoke(offsetBytes, destination.Length);
        lock (_lock)
        {
            int count = (int)Math.Clamp(_length - offsetBytes, 0, destination.Length);
            _bytes.AsSpan((int)Math.Min(offsetBytes, _length), count).CopyTo(destination);
            return count;
        }
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        BeforeWrite?.Invoke(offsetBytes);
        lock (_lock)
        {
            Count();
            Back(offsetBytes, source.Length);
            source.CopyTo(_bytes.AsSpan((int)offsetBytes));
        }
    }

    public void Flush()
    {
        BeforeFlush?.Invoke();
        lock (_lock)
        {
            Count();
            FlushCount++;
        }
    }

    public void Allocate(long offsetBytes, long lengthBytes)
    {
        lock (_lock)
            Back(offsetBytes, lengthBytes);
    }

    public void Trim(long offsetBytes, long lengthBytes)
    {
        Assert.True(offsetBytes % BlockSize == 0 && lengthBytes % BlockSize == 0 && offsetBytes + lengthBytes <= _length);
        lock (_lock)
        {
            _bytes.AsSpan((int)offsetBytes, (int)lengthBytes).Fill(0xA5); // anything
            for (long block = offsetBytes / BlockSize; block < (offsetBytes + lengthBytes) / BlockSize; block++)
                _holes.Add(block);
        }

        AfterGiveBack?.Invoke();
    }

    public void SetLength(long lengthBytes)
    {
        lock (_lock)
        {
            if (lengthBytes > _length)
                Back(_length, lengthBytes - _length);
            _length = lengthBytes;
            _bytes.AsSpan((int)lengthBytes).Fill(0xA5);
            _holes.RemoveWhere(block => block >= lengthBytes / BlockSize);
        }

        AfterGiveBack?.Invoke();
    }

    public void Dispose() => IsDisposed = true;

    private void Count()
    {
        Assert.False(IsReadOnly, "A read-only medium was written to.");
        if (++OperationCount > FailAfterOperations)
            throw new VaultException(VaultFailure.IoError, "Simulated failure of the host.");
    }

    private void Back(long offset, long count)
    {
        long length = Math.Max(_length, offset + count);
        List<long> filled = [];
        for (long block = offset / BlockSize; _holes.Count > 0 && block * BlockSize < offset + count; block++)
        {
            if (_holes.Contains(block))
                filled.Add(block);
        }

        if (AllocatedBytes + (length - _length) + ((long)filled.Count * BlockSize) > CapacityBytes && (length > _length || filled.Count > 0))
            throw new VaultException(VaultFailure.NoSpace, "Simulated full host.");
        if (length > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Max(length, Math.Min(_bytes.Length * 2L, CapacityBytes)));
        _length = length;
        _holes.ExceptWith(filled);
    }
}
