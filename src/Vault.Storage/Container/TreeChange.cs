namespace Vault.Storage;

/// <summary>
/// An exclusive section of the tree. If it ends without <see cref="Complete"/> after the tree was changed, an
/// operation broke off in the middle: the volume fails rather than commit half of it.
/// </summary>
internal ref struct TreeChange : IDisposable
{
    private readonly Volume _volume;
    private readonly long _changesBefore;
    private bool _isComplete;

    public TreeChange(Volume volume)
    {
        _volume = volume;
        volume.Tree.Lock.EnterWriteLock();
        _changesBefore = volume.Tree.ChangeCount;
    }

    public void Complete() => _isComplete = true;

    public readonly void Dispose()
    {
        CopyOnWriteTree tree = _volume.Tree;
        if (!_isComplete && tree.ChangeCount != _changesBefore)
            _volume.Fail(new VaultException(VaultFailure.Corrupted, "An operation broke off halfway."));
        if (tree.ShouldRecycle)
            tree.Recycle();

        _volume.UpdateMetadataReserve();
        tree.Lock.ExitWriteLock();
    }
}
