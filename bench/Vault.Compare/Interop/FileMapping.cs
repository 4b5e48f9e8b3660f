namespace Vault.Compare.Interop;

/// <summary>A file mapped to be read, shared.</summary>
internal sealed unsafe class FileMapping : IDisposable
{
    private const int ReadProtection = 1;
    private const int Shared = 1;

    private readonly byte* _start;
    private readonly long _size;

    public FileMapping(int fd, long size)
    {
        void* start = LibC.mmap(null, (nuint)size, ReadProtection, Shared, fd, 0);
        if ((nint)start == -1)
            throw Posix.Failure("mmap");
        _start = (byte*)start;
        _size = size;
    }

    public ReadOnlySpan<byte> At(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, _size);
        // SAFETY: within the mapping, which lives until Dispose. A page that cannot be read ends the process with SIGBUS.
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    public void Dispose() => _ = LibC.munmap(_start, (nuint)_size);
}
