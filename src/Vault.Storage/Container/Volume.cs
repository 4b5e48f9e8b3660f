using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// One opened vault: its parts, and the locks that order them. Lock order (docs/concurrency.md): gate, stripe of the
/// inode, tree, then space map or page cache.
/// </summary>
internal sealed class Volume : IDisposable
{
    private readonly Lock _flush = new();
    private VaultException? _failure;
    private ulong _nextInode;
    private long _inodeCount;

    public Volume() => Shared = new SharedChunks(this);

    public required IMedium Medium { get; init; }

    public required VaultCipher Cipher { get; init; }

    /// <summary>Null when read-only.</summary>
    public required SealingSession? Session { get; init; }

    public required SealedUnits Units { get; init; }

    public required SpaceMap Space { get; init; }

    public required CopyOnWriteTree Tree { get; init; }

    /// <summary>Lets go of chunks.</summary>
    public SharedChunks Shared { get; }

    /// <summary>What the intent log has to say; null if there is none.</summary>
    public LogChanges? Changes { get; private set; }

    public required int ChunkSize { get; init; }

    public required Clock Clock { get; init; }

    /// <summary>Changes of content set no times: whoever makes them does.</summary>
    public bool LeavesTimes { get; set; }

    public ILogger? Logger { get; init; }

    /// <summary>Held shared by every operation that changes something, exclusively while a commit freezes: what is frozen is whole operations.</summary>
    public ReaderWriterLockSlim Gate { get; } = new(LockRecursionPolicy.NoRecursion);

    /// <summary>The generation that the next commit makes. Changes only under the gate.</summary>
    public required ulong LiveGeneration { get; set; }

    public ulong NextInode
    {
        get => Volatile.Read(ref _nextInode);
        init => _nextInode = value;
    }

    public long InodeCount
    {
        get => Volatile.Read(ref _inodeCount);
        init => _inodeCount = value;
    }

    /// <summary>Why nothing is written any more, or null.</summary>
    public VaultException? Failure => Volatile.Read(ref _failure);

    public bool IsReadOnly => Session is null;

    /// <summary>Whether changes are refused.</summary>
    public bool RefusesChanges => Session is null || Failure is not null;

    public int ChunkBlocks => ChunkSize / ContainerLayout.BlockSize;

    /// <summary>A number that no inode had before.</summary>
    public InodeNumber NewInode() => new(Interlocked.Increment(ref _nextInode) - 1);

    public void CountInode() => Interlocked.Increment(ref _inodeCount);

    /// <summary>Corrects the number of the next inode: a repair knows which are in use.</summary>
    public void SetNextInode(ulong number) => Volatile.Write(ref _nextInode, number);

    /// <summary>Corrects the number of inodes: a repair has counted them.</summary>
    public void SetInodeCount(long count) => Volatile.Write(ref _inodeCount, count);

    public void ForgetInode() => Interlocked.Decrement(ref _inodeCount);

    /// <summary>Our own writing is in doubt: nothing is changed or committed from now on; the last durable state stands.</summary>
    public void Fail(VaultException failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
            Logger?.LogCritical("The vault is read-only from now on, its last durable state stands: {Reason}", failure.Message);
    }

    /// <summary>From now on every change of the tree, and every chunk that is let go, is noted.</summary>
    public void NoteChangesIn(LogChanges changes) => Changes = Tree.Changes = changes;

    /// <exception cref="VaultException">Our own writing is in doubt: nothing is promised any more.</exception>
    public void ThrowIfFailed()
    {
        if (Failure is { } failure)
            throw new VaultException(failure.Failure, failure.Message, failure);
    }

    /// <summary>Flushes the medium. One after the other: the host reports a failure once, and whoever else flushes then must know of it.</summary>
    /// <exception cref="VaultException">
    /// IoError, for want of space too: the host may drop what a failed flush did not write, and report it only once, so that
    /// the flush is not to be tried again.
    /// </exception>
    public void FlushMedium()
    {
        lock (_flush)
        {
            ThrowIfFailed();
            try
            {
                Medium.Flush();
            }
            catch (VaultException e)
            {
                Fail(new VaultException(VaultFailure.IoError, e.Message, e));
                throw Failure!;
            }
        }
    }

    /// <summary>Sets aside what the commit under way and the next one need. The caller holds the tree's lock exclusively.</summary>
    public void UpdateMetadataReserve()
    {
        // Each dirty page once or twice, their bitmaps; deletions need some room of their own.
        Space.MetadataReserve = 192 + (Tree.UnwrittenPageCount * 9L);
    }

    /// <summary>Enters an exclusive section in which the tree changes. The caller holds the gate.</summary>
    public TreeChange BeginChange() => new(this, takesGate: false);

    /// <summary>Enters the gate, shared, and an exclusive section in which the tree changes: an operation on names or attributes.</summary>
    public TreeChange BeginOperation() => new(this, takesGate: true);

    public void Dispose()
    {
        Tree.Dispose();
        Session?.Dispose();
        Cipher.Dispose();
        Medium.Dispose();
        Gate.Dispose();
    }
}
