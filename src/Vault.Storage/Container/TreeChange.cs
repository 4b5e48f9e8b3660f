namespace Vault.Storage;

/// <summary>
/// An exclusive section of the tree. If it ends without <see cref="Complete"/> after the tree was changed, an
/// operation broke off in the middle: the volume fails rather than commit half of it. An operation of its own holds
/// the gate too; one that is part of a larger section runs under the gate of that.
/// </summary>
internal ref struct TreeChange : IDisposable
{
    private readonly Volume _volume;
    private readonly bool _takesGate;
    private readonly long _changesBefore;
    private bool _isComplete;

    public TreeChange(Volume volume, bool takesGate)
    {
        _volume = volume;
        _takesGate = takesGate;
        if (takesGate)
            volume.Gate.EnterReadLock();
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
        if (_takesGate)
            _volume.Gate.ExitReadLock();
    }
}
