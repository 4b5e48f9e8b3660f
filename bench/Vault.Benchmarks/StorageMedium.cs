using Vault.Storage;

namespace Vault.Benchmarks;

/// <summary>A medium in memory that costs no more than its copies: what is measured above it is ours. Grows up to its capacity.</summary>
internal sealed class StorageMedium(int capacityBytes) : IMedium
{
    // Touched page by page as it is used.
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacityBytes);
    private long _length;
    private long _bytesWritten;

    public long LengthBytes => Volatile.Read(ref _length);

    public bool IsReadOnly => false;

    public long HostFreeBytes => capacityBytes - LengthBytes;

    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    public int Read(long offsetBytes, Span<byte> destination)
    {
        int count = (int)Math.Clamp(LengthBytes - offsetBytes, 0, destination.Length);
        _bytes.AsSpan((int)offsetBytes, count).CopyTo(destination);
        return count;
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        source.CopyTo(_bytes.AsSpan((int)offsetBytes));
        Interlocked.Add(ref _bytesWritten, source.Length);
    }

    public void Flush()
    {
    }

    public void Allocate(long offsetBytes, long lengthBytes)
    {
        if (offsetBytes + lengthBytes > capacityBytes)
            throw new VaultException(VaultFailure.NoSpace, "The medium of a benchmark is full.");
        Volatile.Write(ref _length, Math.Max(LengthBytes, offsetBytes + lengthBytes));
    }

    public void Trim(long offsetBytes, long lengthBytes)
    {
    }

    public void SetLength(long lengthBytes) => Volatile.Write(ref _length, lengthBytes);

    public void Dispose()
    {
    }
}
