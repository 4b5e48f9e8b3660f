namespace Vault.Storage.Tests.Simulation;

/// <summary>
/// What a disk holds, in pages of 4096 bytes that are replaced, never changed: a copy costs a reference a page, so that
/// tens of thousands of images of crashes fit into the memory of one run.
/// </summary>
internal sealed class SparseImage
{
    public const int PageSize = 4096;
    public const int SectorSize = 512;
    public const int SectorsPerPage = PageSize / SectorSize;

    private byte[]?[] _pages = new byte[]?[64];
    private bool[] _isAllocated = new bool[64];
    private ulong _noiseSeed;

    public SparseImage(int noiseSeed) => _noiseSeed = unchecked((ulong)noiseSeed);

    /// <summary>An image that was made elsewhere; whole pages.</summary>
    public static SparseImage Of(byte[] bytes)
    {
        SparseImage image = new(0);
        for (int page = 0; page * PageSize < bytes.Length; page++)
            image.SetPage(page, bytes.AsSpan(page * PageSize, PageSize).ToArray());
        return image;
    }

    public long LengthBytes { get; private set; }

    /// <summary>Bytes that the host has given.</summary>
    public long AllocatedBytes { get; private set; }

    private int PageCount => (int)((LengthBytes + PageSize - 1) / PageSize);

    /// <summary>A copy; what was never written may read differently in it.</summary>
    public SparseImage Clone(int noiseSeed)
    {
        SparseImage copy = (SparseImage)MemberwiseClone();
        copy._pages = (byte[]?[])_pages.Clone();
        copy._isAllocated = (bool[])_isAllocated.Clone();
        copy._noiseSeed = unchecked((ulong)noiseSeed);
        return copy;
    }

    public bool IsAllocated(int page) => page < _isAllocated.Length && _isAllocated[page];

    /// <summary>A page as it reads: zeros or noise where nothing was written.</summary>
    public ReadOnlySpan<byte> Page(int page) => (page < _pages.Length ? _pages[page] : null) ?? Unwritten(page);

    public void SetPage(int page, byte[] content)
    {
        Allocate(page);
        _pages[page] = content;
        LengthBytes = Math.Max(LengthBytes, (page + 1L) * PageSize);
    }

    public void Allocate(int page)
    {
        Grow(page + 1);
        if (!_isAllocated[page])
            AllocatedBytes += PageSize;
        _isAllocated[page] = true;
    }

    /// <summary>Gives a page back to the host.</summary>
    /// <param name="page">Its number.</param>
    /// <param name="keepContent">Whether it still reads as before: nobody may count on it either way.</param>
    public void Release(int page, bool keepContent)
    {
        if (page >= _pages.Length)
            return;
        if (_isAllocated[page])
            AllocatedBytes -= PageSize;
        _isAllocated[page] = false;
        if (!keepContent)
            _pages[page] = null;
    }

    public void SetLength(long lengthBytes)
    {
        for (int page = (int)((lengthBytes + PageSize - 1) / PageSize); page < PageCount; page++)
            Release(page, keepContent: false);
        LengthBytes = lengthBytes;
    }

    public int Read(long offsetBytes, Span<byte> destination)
    {
        int count = (int)Math.Clamp(LengthBytes - offsetBytes, 0, destination.Length);
        for (int done = 0; done < count;)
        {
            int start = (int)((offsetBytes + done) % PageSize);
            int length = Math.Min(PageSize - start, count - done);
            Page((int)((offsetBytes + done) / PageSize)).Slice(start, length).CopyTo(destination[done..]);
            done += length;
        }

        return count;
    }

    public byte[] ToArray()
    {
        byte[] bytes = new byte[LengthBytes];
        Read(0, bytes);
        return bytes;
    }

    private byte[] Unwritten(int page)
    {
        byte[] bytes = new byte[PageSize];
        ulong seed = unchecked((_noiseSeed * 0x9E3779B97F4A7C15) + (ulong)page);
        Random random = new(unchecked((int)(seed ^ (seed >> 32))));
        if (random.Next(2) == 0)
            random.NextBytes(bytes);
        return bytes;
    }

    private void Grow(int count)
    {
        if (count <= _pages.Length)
            return;
        int length = Math.Max(count, _pages.Length * 2);
        Array.Resize(ref _pages, length);
        Array.Resize(ref _isAllocated, length);
    }
}
