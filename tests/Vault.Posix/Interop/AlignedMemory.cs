using System.Runtime.InteropServices;

namespace Vault.Posix.Interop;

/// <summary>Zeroed memory that begins on a page, as O_DIRECT wants it.</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private readonly void* _block;
    private readonly int _size;

    public AlignedMemory(int size)
    {
        // SAFETY: freed once, in Dispose; Bytes covers exactly the block.
        _block = NativeMemory.AlignedAlloc((nuint)size, 4096);
        _size = size;
        Bytes.Clear();
    }

    public nint Address => (nint)_block;

    public Span<byte> Bytes => new(_block, _size);

    public void Dispose() => NativeMemory.AlignedFree(_block);
}
