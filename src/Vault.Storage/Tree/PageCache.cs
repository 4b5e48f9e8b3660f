using System.Collections.Concurrent;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Verified clean pages by address, bounded, with a clock for eviction. Lookups take no lock. Evicted pages may
/// still be in a reader's hands: their buffers go back to the pool only in <see cref="Recycle"/>, which the holder
/// of the tree's exclusive lock calls.
/// </summary>
internal sealed class PageCache(long capacityBytes)
{
    private readonly ConcurrentDictionary<ulong, TreePage> _pages = new();
    private readonly Queue<TreePage> _clock = new();
    private readonly List<TreePage> _retired = [];
    private readonly Lock _lock = new();
    private readonly int _capacity = (int)Math.Max(64, capacityBytes / ContainerLayout.PageSize);
    private int _retiredCount;

    /// <summary>Whether so many buffers wait that <see cref="Recycle"/> is worth an exclusive lock.</summary>
    public bool ShouldRecycle => Volatile.Read(ref _retiredCount) > 32;

    public bool TryGet(BlockAddress address, out TreePage page)
    {
        if (!_pages.TryGetValue(address.Value, out page!))
            return false;
        page.WasUsed = true;
        return true;
    }

    /// <summary>Adds a clean page, or returns the one that another thread added first.</summary>
    public TreePage Add(TreePage page)
    {
        lock (_lock)
        {
            if (_pages.TryGetValue(page.Pointer.Address.Value, out TreePage? other))
            {
                Retire(page);
                return other;
            }

            _pages[page.Pointer.Address.Value] = page;
            _clock.Enqueue(page);
            while (_clock.Count > _capacity)
                EvictOne();
            return page;
        }
    }

    /// <summary>Drops a page whose blocks were freed.</summary>
    public void Remove(BlockAddress address)
    {
        // Its clock entry goes when the hand comes by; the buffer with it.
        _pages.TryRemove(address.Value, out _);
    }

    /// <summary>Gives evicted buffers back to the pool. The caller holds the tree's lock exclusively.</summary>
    public void Recycle()
    {
        lock (_lock)
        {
            foreach (TreePage page in _retired)
                PinnedBufferPool.Shared.Return(page.Buffer);

            _retired.Clear();
            _retiredCount = 0;
        }
    }

    /// <summary>Wipes and drops everything. The caller is the only user left.</summary>
    public void Clear()
    {
        foreach (TreePage page in _clock)
            _retired.Add(page);
        foreach (TreePage page in _retired)
            PinnedBufferPool.Shared.Return(page.Buffer);
        _clock.Clear();
        _retired.Clear();
        _pages.Clear();
    }

    private void EvictOne()
    {
        while (true)
        {
            TreePage page = _clock.Dequeue();
            bool isCurrent = _pages.TryGetValue(page.Pointer.Address.Value, out TreePage? cached) && ReferenceEquals(cached, page);
            if (isCurrent && page.WasUsed)
            {
                page.WasUsed = false;
                _clock.Enqueue(page);
                continue;
            }

            if (isCurrent)
                _pages.TryRemove(page.Pointer.Address.Value, out _);
            Retire(page);
            return;
        }
    }

    /// <summary>Takes a page that is in no table any more (a replaced root).</summary>
    public void Discard(TreePage page)
    {
        lock (_lock)
            Retire(page);
    }

    private void Retire(TreePage page)
    {
        _retired.Add(page);
        _retiredCount++;
    }
}
