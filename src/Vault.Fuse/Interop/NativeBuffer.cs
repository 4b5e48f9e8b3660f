using System.Runtime.InteropServices;

namespace Vault.Fuse.Interop;

/// <summary>
/// Page-aligned memory outside the managed heap for requests and replies: touched once at the start, reused for ever, left
/// out of core dumps, locked into memory where the limit is generous, and wiped at the end.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int ProtectReadWrite = 0x3;
    private const int MapPrivateAnonymousPopulate = 0x2 | 0x20 | 0x8000;
    private const int AdviseDontDump = 16;
    private const int ResourceMemlock = 8;

    /// <summary>Below this limit the little that may be locked is left to the keys.</summary>
    private const ulong GenerousLockLimitBytes = 256UL << 20;

    private readonly int _size;
    private byte* _address;

    /// <summary>Takes memory from the system.</summary>
    /// <param name="size">Bytes; a multiple of the page size.</param>
    /// <exception cref="InsufficientMemoryException">There is none.</exception>
    public NativeBuffer(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        _size = size;

        // SAFETY: a fresh anonymous mapping of 'size' bytes; nobody else knows its address.
        byte* address = LibC.mmap(null, (nuint)size, ProtectReadWrite, MapPrivateAnonymousPopulate, -1, 0);
        if ((nuint)address == nuint.MaxValue)
            throw new InsufficientMemoryException($"No memory for a request buffer of {size} bytes.");
        _address = address;

        // Both are precautions that may be refused: plaintext passes through here.
        _ = LibC.madvise(address, (nuint)size, AdviseDontDump);
        ulong* limits = stackalloc ulong[2];
        bool mayLock = Identity.IsRoot || (LibC.getrlimit(ResourceMemlock, limits) == 0 && limits[0] >= GenerousLockLimitBytes);
        if (mayLock)
            _ = LibC.mlock(address, (nuint)size);
    }

    /// <summary>All of it. Not to be used after <see cref="Dispose"/>.</summary>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address is null, this);

            // SAFETY: the mapping has '_size' bytes and lives until Dispose.
            return new Span<byte>(_address, _size);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_address is null)
            return;
        Span.Clear();

        // SAFETY: unmapped once; the owner has ended the only thread that used it.
        _ = LibC.munmap(_address, (nuint)_size);
        _address = null;
    }
}
