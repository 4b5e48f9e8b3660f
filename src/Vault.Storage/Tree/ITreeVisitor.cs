namespace Vault.Storage;

/// <summary>Sees what a <see cref="DurableTree"/> walks over, in the order of keys.</summary>
internal interface ITreeVisitor
{
    /// <summary>Before a page is read.</summary>
    /// <returns>False: its place cannot be right (outside of the container, or used by another unit): it then counts as unreadable.</returns>
    bool OnPage(in BlockPointer pointer) => true;

    /// <summary>After a page was read, with how its copies are; not for a page of which no copy can be used.</summary>
    /// <param name="pointer">Of the page.</param>
    /// <param name="damagedCopy">The copy that does not authenticate, if the other one does; else none.</param>
    void OnPageRead(in BlockPointer pointer, BlockAddress damagedCopy)
    {
    }

    /// <summary>A page cannot be used: what lies in a range of keys is not known.</summary>
    /// <param name="pointer">Of the page.</param>
    /// <param name="low">No key of the range is below.</param>
    /// <param name="end">Every key of the range is below.</param>
    /// <param name="level">0 for a leaf; -1 if unknown (a root that is a branch).</param>
    /// <param name="check">What failed: "tag", "structure", "place".</param>
    void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check);

    /// <summary>A key and its value, in its place. The value is valid during the call.</summary>
    void OnEntry(in TreeKey key, ReadOnlySpan<byte> value);

    /// <summary>A key on a page that does not cover it: no search finds it. A bug of ours.</summary>
    /// <param name="pointer">Of the page.</param>
    /// <param name="low">The page's lower bound.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    void OnMisplaced(in BlockPointer pointer, in TreeKey low, in TreeKey key, ReadOnlySpan<byte> value)
    {
    }
}
