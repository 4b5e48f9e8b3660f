using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vault.Crypto.Interop;

/// <summary>Whole pages of unmanaged memory: locked where the limit allows, never dumped, wiped before they are given back.</summary>
internal sealed class LockedPages : SafeHandle
{
    private readonly int _size;
    private readonly nuint _mappedSize;

    internal LockedPages(int size)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        nuint pageSize = (nuint)Environment.SystemPageSize;
        _size = size;
        _mappedSize = ((nuint)size + pageSize - 1) / pageSize * pageSize;
        SetHandle(LibC.MapPages(_mappedSize));
        Span<byte> pages = LibC.AsSpan(handle, checked((int)_mappedSize));
        IsLocked = LibC.TryLock(pages);
        IsExcludedFromDumps = LibC.TryExcludeFromDumps(pages);
    }

    public override bool IsInvalid => handle == 0;

    internal bool IsLocked { get; }

    internal bool IsExcludedFromDumps { get; }

    /// <summary>The bytes; valid while the caller keeps the handle open.</summary>
    internal Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return LibC.AsSpan(handle, _size);
        }
    }

    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(LibC.AsSpan(handle, _size));
        return LibC.UnmapPages(handle, _mappedSize);
    }
}
