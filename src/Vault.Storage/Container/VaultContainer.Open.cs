using System.Globalization;
using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <content>Opening: which state, whether to write, what to mend first.</content>
public static partial class VaultContainer
{
    /// <summary>Opens the vault. Takes the medium over: the file system closes it, also when this throws.</summary>
    /// <exception cref="VaultException">
    /// HeaderForged, HeaderRolledBack, UnknownFeature (writing only), Truncated, NewerStateLost, Corrupted, IoError.
    /// </exception>
    public static VaultFileSystem Open(IMedium medium, MasterKey master, VaultOpenOptions options, out OpeningReport report)
    {
        VaultCipher? cipher = null;
        SealingSession? session = null;
        try
        {
            VaultHeader header = HeaderCopies.Verify(medium, master);
            cipher = new VaultCipher(master, header.Id, header.Suite);
            SuperblockRing ring = new(medium, cipher);
            SuperblockRing.Content content = ring.Read();
            Check(content, header, medium);
            StateChoice choice = WithoutOldLog(Choose(content, medium, cipher, options), content);
            LogScan log = Follow(choice, medium, cipher, options);
            if (log.NewerGeneration > 0)
                choice = choice with { Newer = NewerStates.Lost, LostThrough = log.NewerGeneration };
            bool headerMended = false;
            Superblock start = choice.Opened;
            if (IsToBeWritten(choice, header, medium, options))
            {
                session = new SealingSession(cipher, options.Random);

                // What was read may be only in the host's memory, left there by a process that was killed: nothing is built on it before.
                medium.Flush();
                headerMended = HeaderCopies.Write(medium, header);
                start = ring.WriteAgain(start with { HeaderSequence = header.Sequence }, content, options.Random);
            }

            Superblock? previous = start.Generation == content.Newest!.Generation ? content.Previous : null;
            Volume volume = OpenVolume(medium, cipher, session, header, start, previous, options);
            VaultFileSystem fileSystem = new(volume, ring, start, log, header, options);
            report = Report(choice, content, slotsMended: session is not null && content.BadSlotCount > 0, headerMended) with { ReplayedSyncs = log.Appends.Count, IsLogDamaged = log.IsDamaged };
            return fileSystem;
        }
        catch
        {
            session?.Dispose();
            cipher?.Dispose();
            medium.Dispose();
            throw;
        }
    }

    private static void Check(SuperblockRing.Content content, VaultHeader header, IMedium medium)
    {
        if (content.Newest is not { } newest)
        {
            throw medium.LengthBytes < (long)ContainerLayout.FirstDataBlock * ContainerLayout.BlockSize
                ? Truncated()
                : new VaultException(VaultFailure.Corrupted, "No superblock of the vault authenticates. Restore it from a backup.");
        }

        if (header.Sequence < content.All.Max(s => s.HeaderSequence))
        {
            throw new VaultException(
                VaultFailure.HeaderRolledBack,
                "The vault's header is older than its content: somebody put an old header back, perhaps with a passphrase that was removed since.");
        }

        if (!Fits(newest, medium))
            throw Truncated();
    }

    private static bool Fits(Superblock state, IMedium medium) => medium.LengthBytes >= checked((long)state.Space.TotalBlocks * ContainerLayout.BlockSize);

    private static VaultException Truncated() =>
        new(VaultFailure.Truncated, "The vault's file is shorter than its content: it was cut off. Restore it from a backup.");

    private static StateChoice Choose(SuperblockRing.Content content, IMedium medium, VaultCipher cipher, VaultOpenOptions options)
    {
        SealedUnits units = new(medium, cipher, session: null); // changes nothing before it is decided what to open
        StateChoice? choice = StateChoice.Of(content, state => Fits(state, medium) && HasRoots(state, medium, units));
        if (choice is null)
            throw new VaultException(VaultFailure.Corrupted, "The pages that everything hangs on cannot be read, in no state of the vault.");
        if (choice.Newer != NewerStates.Lost || options.AcceptOlderState)
            return choice;
        string lost = choice.Opened == content.Newest
            ? $"generation {Number(choice.Opened.Generation + 1)} was durable, and its superblock cannot be read"
            : $"{Describe(content.Newest!)} cannot be read";
        throw new VaultException(VaultFailure.NewerStateLost, $"The newest state of the vault is lost: {lost}. The newest that can be opened is {Describe(choice.Opened)}.");
    }

    // Of a state before the newest two the log may name blocks that are in use again: such a state is opened, and written again,
    // as it was committed.
    private static StateChoice WithoutOldLog(StateChoice choice, SuperblockRing.Content ring) =>
        choice.Opened.Generation + 1 < ring.Newest!.Generation
            ? choice with { Opened = choice.Opened with { Log = choice.Opened.Log.WithoutAppends } }
            : choice;

    private static LogScan Follow(StateChoice choice, IMedium medium, VaultCipher cipher, VaultOpenOptions options)
    {
        Superblock opened = choice.Opened;
        LogScan log = LogScan.Of(medium, cipher, opened);
        if (options.AcceptOlderState)
            return log;
        if (log.NewerGeneration > 0)
        {
            throw new VaultException(
                VaultFailure.NewerStateLost,
                $"The newest state of the vault is lost: generation {Number(log.NewerGeneration)} was durable, and its superblock cannot be read. The newest that can be opened is {Describe(opened)}.");
        }

        return log.IsDamaged
            ? throw new VaultException(
                VaultFailure.NewerStateLost,
                $"The newest state of the vault is lost: its log of synced changes is damaged. What can be opened is {Describe(opened)} and the first {Number((ulong)log.Appends.Count)} syncs since.")
            : log;
    }

    private static string Describe(Superblock state) =>
        $"generation {Number(state.Generation)}" + (state.CommitTime is { } time ? $" of {time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC" : "");

    private static string Number(ulong generation) => generation.ToString(CultureInfo.InvariantCulture);

    // Whether the root pages of tree and space map can be read, from either copy.
    private static bool HasRoots(Superblock state, IMedium medium, SealedUnits units)
    {
        try
        {
            SpaceMap space = new(medium, units, state.Space, null, state.Generation);
            CopyOnWriteTree.Open(units, space, 0, state.Generation, state.TreeRoot).Dispose();
            return true;
        }
        catch (VaultException)
        {
            return false;
        }
    }

    private static bool IsToBeWritten(StateChoice choice, VaultHeader header, IMedium medium, VaultOpenOptions options)
    {
        if (options.ReadOnly || medium.IsReadOnly)
            return false;
        if (!header.AllowsWriting)
            throw new VaultException(VaultFailure.UnknownFeature, "The vault uses a feature that this program can only read. Unlock it read-only, or use a newer vaultfs.");
        if (choice.Newer == NewerStates.None || options.AcceptOlderState)
            return true;
        options.Logger?.LogWarning("Newer states of the vault may be lost: it is opened read-only.");
        return false;
    }

    private static OpeningReport Report(StateChoice choice, SuperblockRing.Content content, bool slotsMended, bool headerMended) => new()
    {
        Generation = choice.Opened.Generation,
        CommitTime = choice.Opened.CommitTime,
        WasClean = choice.Opened.IsClean,
        DamagedSlots = content.BadSlotCount,
        IsNewestTorn = choice.Newer == NewerStates.None && !content.IsInPlace(choice.Opened.Generation + 1),
        NewerStates = choice.Newer,
        LostThrough = choice.LostThrough,
        LostCommitTime = choice.Opened == content.Newest ? null : content.Newest!.CommitTime,
        ReplayedSyncs = 0,
        IsLogDamaged = false,
        SlotsMended = slotsMended,
        HeaderCopyMended = headerMended,
    };

    private static Volume OpenVolume(
        IMedium medium, VaultCipher cipher, SealingSession? session, VaultHeader header, Superblock start, Superblock? previous, VaultOpenOptions options)
    {
        ulong live = start.Generation + 1;
        SealedUnits units = new(medium, cipher, session);
        SpaceMap space = new(medium, units, start.Space, previous?.Space, live, options.SpacePolicy, options.Logger);
        return new Volume
        {
            Medium = medium,
            Cipher = cipher,
            Session = session,
            Units = units,
            Space = space,
            Tree = CopyOnWriteTree.Open(units, space, options.PageCacheBytes, live, start.TreeRoot),
            ChunkSize = header.ChunkSizeBytes,
            Clock = options.Clock,
            Logger = options.Logger,
            LiveGeneration = live,
            NextInode = start.NextInode,
            InodeCount = (long)start.InodeCount,
        };
    }
}
