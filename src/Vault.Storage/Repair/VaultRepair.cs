using System.Globalization;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// One repair: from the newest state on disk to one that is consistent, in one commit (ADR). Until that is durable nothing
/// is overwritten that the newest two states may need, so that whatever interrupts a repair leaves the vault as it was.
/// </summary>
internal sealed class VaultRepair : IDisposable
{
    private readonly IMedium _medium;
    private readonly VaultHeader _header;
    private readonly VaultCipher _cipher;
    private readonly VaultOpenOptions _options;
    private readonly RepairLog _log = new();
    private readonly SealingSession _session;
    private readonly SealedUnits _units;
    private readonly SuperblockRing _ring;
    private Volume? _volume;

    private VaultRepair(IMedium medium, VaultHeader header, VaultCipher cipher, VaultOpenOptions options)
    {
        _medium = medium;
        _header = header;
        _cipher = cipher;
        _options = options with { BackgroundThreads = false };
        _session = new SealingSession(cipher, options.Random);
        _units = new SealedUnits(medium, cipher, _session);
        _ring = new SuperblockRing(medium, cipher);
    }

    /// <summary>Repairs the vault.</summary>
    /// <param name="medium">The container, writable; stays open.</param>
    /// <param name="master">Of the vault.</param>
    /// <param name="lostRuns">Content whose places are lost, as a check found it.</param>
    /// <param name="options">Randomness, clock, memory.</param>
    /// <param name="cancellation">Ends it before its state is written.</param>
    /// <returns>What was done.</returns>
    public static IReadOnlyList<string> Run(IMedium medium, MasterKey master, List<LostRun> lostRuns, VaultOpenOptions options, CancellationToken cancellation)
    {
        VaultHeader header = HeaderCopies.Verify(medium, master);
        if (!header.AllowsWriting)
            throw new VaultException(VaultFailure.UnknownFeature, "The vault uses a feature that this program can only read. Use a newer vaultfs.");
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        using VaultRepair repair = new(medium, header, cipher, options);
        repair.Run(lostRuns, cancellation);
        return repair._log.Sentences;
    }

    public void Dispose()
    {
        _volume?.Tree.Dispose();
        _volume?.Gate.Dispose();
        _session.Dispose();
    }

    private void Run(List<LostRun> lostRuns, CancellationToken cancellation)
    {
        SuperblockRing.Content content = _ring.Read();
        Superblock newest = ChooseState(content);
        ExtendMedium(newest);
        _medium.Flush(); // what was read may be only in the host's memory: nothing is built on it before
        _log.Add("{0} header copy was mended.", HeaderCopies.Write(_medium, _header) ? 1 : 0);
        _log.Add("{0} superblock slots were written anew.", content.BadSlotCount);
        Superblock start = _ring.WriteAgain(newest with { HeaderSequence = _header.Sequence }, content, _options.Random);
        LogScan log = LogScan.Of(_medium, _cipher, start);
        if (log.NewerGeneration > 0)
            throw NewerStateLost();

        ReachedBlocks used = new(start.Space.TotalBlocks);
        TreeDamage damage = new(_units, used, _header.ChunkSizeBytes, cancellation);
        using (DurableTree tree = new(_units, start.TreeRoot, start.Generation))
            damage.Examine(tree);
        if (damage.Unreadable.Any(page => page.Pointer == start.TreeRoot))
            throw NothingToRepairFrom();
        _log.Add("{0} damaged copies of pages were mended.", damage.MendedCopies);
        LogRepair.MarkUsed(log, used);
        _volume = OpenVolume(start, used, NeededBy(start, content.Previous));
        using (TreeChange change = _volume.BeginOperation())
        {
            DropPages(damage);
            lostRuns.AddRange(new ContentRepair(_volume, _log).MendChunks(damage.BadChunks));
            change.Complete();
        }

        // What was synced since is in the log alone, and needs pages that can be read.
        LogRepair.Replay(_volume, log, lostRuns, _options, _log);
        using (TreeChange change = _volume.BeginOperation())
        {
            MendTree(damage, lostRuns);
            change.Complete();
        }

        cancellation.ThrowIfCancellationRequested();
        Commit(start);
    }

    // An older state is no matter for a repair: it would give up what is newer without saying what.
    private Superblock ChooseState(SuperblockRing.Content content)
    {
        StateChoice? choice = content.Newest is null ? null : StateChoice.Of(content, HasTree);
        if (choice is null)
            throw NothingToRepairFrom();
        if (_header.Sequence < content.All.Max(s => s.HeaderSequence))
            throw new VaultException(VaultFailure.HeaderRolledBack, "The vault's header is older than its content: somebody put an old header back. Nothing was repaired.");
        return choice.Opened == content.Newest
            ? choice.Opened
            : throw NewerStateLost();
    }

    private static VaultException NewerStateLost() =>
        new(VaultFailure.NewerStateLost, "The newest state of the vault is lost, and nothing was repaired. Salvage what can be read, or go on from an older state by unlocking with --accept-older-state.");

    private static VaultException NothingToRepairFrom() =>
        new(VaultFailure.Corrupted, "The page that the tree begins with cannot be used: there is nothing to repair from. Try 'salvage'.");

    private bool HasTree(Superblock state)
    {
        using DurableTree tree = new(_units, state.TreeRoot, state.Generation);
        return tree.HasRoot;
    }

    // What was cut off is lost, but the rest is not.
    private void ExtendMedium(Superblock newest)
    {
        long length = _medium.LengthBytes;
        long wanted = checked((long)newest.Space.TotalBlocks * ContainerLayout.BlockSize);
        if (length >= wanted)
            return;
        _medium.Allocate(length, wanted - length);
        _log.Add("The vault's file was extended by {0} bytes that had been cut off; what they held is lost.", wanted - length);
    }

    private ReachedBlocks NeededBy(Superblock start, Superblock? previous)
    {
        ReachedBlocks needed = new(start.Space.TotalBlocks);
        NeededBlocks blocks = new(_units, needed);
        blocks.Add(start);
        if (previous is not null)
            blocks.Add(previous);
        return needed;
    }

    private Volume OpenVolume(Superblock start, ReachedBlocks used, ReachedBlocks needed)
    {
        ulong live = start.Generation + 1;
        SpaceMap space = SpaceMap.Rebuild(_medium, _units, used, needed, live);
        CopyOnWriteTree tree = CopyOnWriteTree.Open(_units, space, _options.PageCacheBytes, live, start.TreeRoot);
        return new Volume
        {
            Medium = _medium,
            Cipher = _cipher,
            Session = _session,
            Units = _units,
            Space = space,
            Tree = tree,
            ChunkSize = _header.ChunkSizeBytes,
            Clock = _options.Clock,
            Logger = _options.Logger,
            LiveGeneration = live,
            NextInode = start.NextInode,
            InodeCount = (long)start.InodeCount,
        };
    }

    private void DropPages(TreeDamage damage)
    {
        CopyOnWriteTree tree = _volume!.Tree;
        tree.Drop(damage.Unreadable.Concat(damage.Misplaced).ToHashSet());
        PutAgain(damage.Misplaced);
        _log.Add("{0} pages of the tree that could not be read were taken out of it.", damage.Unreadable.Count);
    }

    private void MendTree(TreeDamage damage, List<LostRun> lostRuns)
    {
        ContentRepair content = new(_volume!, _log);
        SharedRecount.Run(_volume!, _log, damage.Shared.Addresses.Concat(SharedChunks.AddressesIn(_volume!.Tree)).Distinct());
        LeftoverRepair leftovers = new(_volume, _log);
        leftovers.RemoveBadInodes();
        leftovers.RemoveTheRest();
        leftovers.MendRecords();

        NameRepair names = new(_volume, _log);
        names.MendEntries(Index());
        InodeIndex index = Index();
        InodeRepair inodes = new(_volume, _log, damage.Lost);
        SortedDictionary<ulong, uint> owners = inodes.OwnersOfContent(index);
        _volume.SetNextInode(InodeNumber.NextAmong(Enumerable.Range(0, index.Count).Select(i => index[i].Number).Concat(owners.Keys).Order(), _volume.NextInode));
        inodes.MakeMissing(index, owners, lostRuns);
        content.Note(lostRuns);
        names.LinkLost(Index());
        Recount.Run(_volume, _log, Index());
        new AclRepair(_volume, _log).Mend();
    }

    // What a search finds elsewhere stays as it is there.
    private void PutAgain(List<(BlockPointer Pointer, TreeKey Low)> leaves)
    {
        byte[] page = PinnedBufferPool.Shared.Rent(ContainerLayout.PageSize);
        try
        {
            foreach ((BlockPointer pointer, _) in leaves)
            {
                _units.Read(pointer, page.AsSpan(0, ContainerLayout.PageSize));
                LeafPage leaf = new(page.AsSpan(0, ContainerLayout.PageSize));
                for (int i = 0; i < leaf.Count; i++)
                {
                    if (!_volume!.Tree.Contains(leaf.KeyAt(i)))
                        _volume.Tree.Put(leaf.KeyAt(i), leaf.ValueAt(i));
                }

                _log.Add("What {0} pages of the tree held in a wrong place was put where searches find it.");
            }
        }
        finally
        {
            PinnedBufferPool.Shared.Return(page);
        }
    }

    private InodeIndex Index() => InodeIndexer.Build((visitor, low, end) => LiveTree.Walk(_volume!.Tree, visitor, low, end), CancellationToken.None);

    // Twice, so that the newest two states are both whole, and nothing is held back any more.
    private void Commit(Superblock start)
    {
        InodeTable inodes = new(_volume!.Tree);
        DirtyData dirty = new(_volume, inodes, new ChunkTable(_volume.Tree), _options.DirtyDataBytes);
        using Committer committer = new(_volume, dirty, _ring, log: null, start, _header.Sequence, _options);
        committer.ReleaseFreedSpace();
        committer.Close();
        dirty.Discard();
        _log.Add("The space map was rebuilt; generation {0} holds the repaired state.", (long)committer.DurableGeneration);
    }
}
