using Vault.Crypto.Interop;

namespace Vault.Crypto;

/// <summary>A fixed number of secret bytes in locked, non-dumpable, unmanaged memory; wiped on dispose.</summary>
public sealed class SecretBuffer : IDisposable
{
    private readonly LockedPages _pages;

    /// <summary>Maps zeroed pages of its own.</summary>
    /// <param name="size">Bytes, at least 1.</param>
    public SecretBuffer(int size) => _pages = new LockedPages(size);

    /// <summary>The bytes. Not to be kept beyond the buffer's life.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public Span<byte> Span => _pages.Span;

    /// <summary>Whether the pages are locked: false when RLIMIT_MEMLOCK was reached, and they may be swapped out.</summary>
    public bool IsLocked => _pages.IsLocked;

    /// <summary>Whether the kernel keeps the pages out of core dumps.</summary>
    public bool IsExcludedFromDumps => _pages.IsExcludedFromDumps;

    /// <summary>Where the pages are, for tests that look them up in /proc/self/smaps.</summary>
    internal nint Address => _pages.DangerousGetHandle();

    /// <summary>Wipes the bytes and gives the pages back; waits for no one, but a <see cref="Lease"/> delays it.</summary>
    public void Dispose() => _pages.Dispose();

    /// <summary>Keeps the pages mapped while they are read, even if another thread disposes of the buffer meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    internal Lease Borrow() => new(_pages);

    /// <summary>A borrowed view of the bytes.</summary>
    internal readonly ref struct Lease
    {
        private readonly LockedPages _pages;

        internal Lease(LockedPages pages)
        {
            bool added = false;
            pages.DangerousAddRef(ref added);
            _pages = pages;
            Span = pages.Span;
        }

        internal ReadOnlySpan<byte> Span { get; }

        public void Dispose() => _pages.DangerousRelease();
    }
}
