namespace Vault.Storage.Tests;

/// <summary>
/// A shared image with changes of its own on top, block by block, so that a damaged copy of a container costs a block or
/// two and not an image. Tells blocks that were damaged from those that the vault wrote. Reads as an image does: nothing behind the end.
/// </summary>
internal sealed class OverlayMedium(byte[] image) : IMedium
{
    private const int BlockSize = ContainerLayout.BlockSize;

    private readonly Dictionary<long, byte[]> _blocks = [];
    private readonly HashSet<long> _damaged = [];
    private readonly Lock _lock = new();
    private long _length = image.Length;

    public int WriteCount { get; private set; }

    public long LengthBytes => _length;

    public bool IsReadOnly { get; set; }

    public long HostFreeBytes => 1L << 30;

    /// <summary>Changes bytes as somebody without the key can.</summary>
    public void Damage(long offset, ReadOnlySpan<byte> bytes)
    {
        for (long block = offset / BlockSize; block * BlockSize < offset + bytes.Length; block++)
            _damaged.Add(block);
        Put(offset, bytes);
    }

    /// <summary>Turns one bit.</summary>
    public void Flip(long offset, int bit)
    {
        byte changed = (byte)(image[offset] ^ (1 << bit));
        Damage(offset, [changed]);
    }

    /// <summary>Takes back the damage to all blocks that the vault has not written since.</summary>
    public void Heal()
    {
        foreach (long block in _damaged)
            _blocks.Remove(block);
        _damaged.Clear();
    }

    public byte[] Snapshot()
    {
        byte[] copy = new byte[_length];
        Read(0, copy);
        return copy;
    }

    public int Read(long offsetBytes, Span<byte> destination)
    {
        lock (_lock)
        {
            int count = (int)Math.Clamp(_length - offsetBytes, 0, destination.Length);
            for (int done = 0; done < count;)
            {
                long block = (offsetBytes + done) / BlockSize;
                int start = (int)((offsetBytes + done) % BlockSize);
                int length = Math.Min(BlockSize - start, count - done);
                Span<byte> piece = destination.Slice(done, length);
                if (_blocks.TryGetValue(block, out byte[]? changed))
                    changed.AsSpan(start, length).CopyTo(piece);
                else
                    CopyFromImage((block * BlockSize) + start, piece);
                done += length;
            }

            return count;
        }
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        Assert.False(IsReadOnly, "A read-only medium was written to.");
        lock (_lock)
        {
            WriteCount++;
            for (long block = offsetBytes / BlockSize; block * BlockSize < offsetBytes + source.Length; block++)
                _damaged.Remove(block);
            Put(offsetBytes, source);
        }
    }

    public void Flush()
    {
    }

    public void Allocate(long offsetBytes, long lengthBytes)
    {
        if (offsetBytes + lengthBytes - _length > HostFreeBytes)
            throw new VaultException(VaultFailure.NoSpace, "The host of the test is full.");
        lock (_lock)
            _length = Math.Max(_length, offsetBytes + lengthBytes);
    }

    public void Trim(long offsetBytes, long lengthBytes)
    {
        Assert.False(IsReadOnly, "A read-only medium was written to.");
        byte[] noise = FileSystemExtensions.RandomBytes((int)lengthBytes);
        lock (_lock)
            Put(offsetBytes, noise);
    }

    public void SetLength(long lengthBytes)
    {
        lock (_lock)
            _length = lengthBytes;
    }

    public void Dispose()
    {
    }

    private void CopyFromImage(long offset, Span<byte> piece)
    {
        int available = (int)Math.Clamp(image.Length - offset, 0, piece.Length);
        if (available > 0)
            image.AsSpan((int)offset, available).CopyTo(piece);
        piece[available..].Clear();
    }

    private void Put(long offset, ReadOnlySpan<byte> bytes)
    {
        _length = Math.Max(_length, offset + bytes.Length);
        for (int done = 0; done < bytes.Length;)
        {
            long block = (offset + done) / BlockSize;
            int start = (int)((offset + done) % BlockSize);
            int length = Math.Min(BlockSize - start, bytes.Length - done);
            if (!_blocks.TryGetValue(block, out byte[]? changed))
            {
                changed = new byte[BlockSize];
                CopyFromImage(block * BlockSize, changed);
                _blocks.Add(block, changed);
            }

            bytes.Slice(done, length).CopyTo(changed.AsSpan(start));
            done += length;
        }
    }
}
