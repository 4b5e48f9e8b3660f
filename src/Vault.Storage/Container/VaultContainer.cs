using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Creates and opens the container of a vault on a medium.</summary>
public static class VaultContainer
{
    /// <summary>Writes a new, empty vault: header copies, superblocks, an empty root directory owned by the given ids.</summary>
    /// <param name="medium">Empty.</param>
    /// <param name="options">Chunk size, cipher, cost of the first key slot.</param>
    /// <param name="credential">Opens the first key slot.</param>
    /// <param name="userId">Owner of the root directory.</param>
    /// <param name="groupId">Group of the root directory.</param>
    /// <param name="random">For key, id and salts.</param>
    /// <param name="clock">For the root directory's times.</param>
    /// <exception cref="VaultException">NoSpace, IoError. What was written so far is of no use; the caller deletes it.</exception>
    public static void Create(
        IMedium medium, HeaderOptions options, Credential credential, uint userId, uint groupId, RandomSource random, Clock clock)
    {
        using MasterKey master = MasterKey.Generate(random);
        CreateWithKey(medium, options, master, credential, userId, groupId, random, clock);
    }

    /// <summary>As <see cref="Create"/>, under a master key that the caller knows: tests open the vault without a key slot's cost.</summary>
    internal static void CreateWithKey(
        IMedium medium, HeaderOptions options, MasterKey master, Credential credential, uint userId, uint groupId, RandomSource random, Clock clock)
    {
        VaultHeader header = VaultHeader.Create(options, master, credential, random);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        using SealingSession session = new(cipher, random);
        medium.Allocate(0, (long)ContainerLayout.InitialBlockCount * ContainerLayout.BlockSize);
        FillReserved(medium, random);
        WriteFirstState(medium, cipher, session, header, RootDirectory(userId, groupId, clock.Now), random);

        // The header comes last: a container without one is not taken for a vault.
        HeaderCopies.Write(medium, header);
    }

    /// <summary>Reads both header copies and chooses the one to use.</summary>
    /// <exception cref="VaultException">NotAVault, HeaderDamaged, UnknownVersion, UnknownFeature, Truncated.</exception>
    public static HeaderReading ReadHeader(IMedium medium) => HeaderCopies.Read(medium);

    /// <summary>Opens the vault. Takes the medium over: the file system closes it, also when this throws.</summary>
    /// <exception cref="VaultException">HeaderForged, HeaderRolledBack, UnknownFeature (writing only), Truncated, Corrupted, IoError.</exception>
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
            Superblock opened = Check(content, header, medium);
            bool readOnly = options.ReadOnly || medium.IsReadOnly;
            if (!readOnly && !header.AllowsWriting)
                throw new VaultException(VaultFailure.UnknownFeature, "The vault uses a feature that this program can only read. Unlock it read-only, or use a newer vaultfs.");
            if (!readOnly && content.MayHaveLostStates && !options.WriteAfterLostStates)
            {
                options.Logger?.LogWarning("Newer states of the vault may be lost: it is opened read-only.");
                readOnly = true;
            }

            if (!readOnly)
            {
                session = new SealingSession(cipher, options.Random);
                HeaderCopies.Write(medium, header);
            }

            Volume volume = OpenVolume(medium, cipher, session, header, content, options);
            report = new OpeningReport(opened.Generation, opened.IsClean, content.UnreadableSlots.Count, content.MayHaveLostStates);
            return new VaultFileSystem(volume, ring, opened, header.Sequence, options);
        }
        catch
        {
            session?.Dispose();
            cipher?.Dispose();
            medium.Dispose();
            throw;
        }
    }

    private static Superblock Check(SuperblockRing.Content content, VaultHeader header, IMedium medium)
    {
        if (content.Newest is not { } newest)
        {
            throw medium.LengthBytes < (long)ContainerLayout.FirstDataBlock * ContainerLayout.BlockSize
                ? Truncated()
                : new VaultException(VaultFailure.Corrupted, "No superblock of the vault authenticates. Restore it from a backup.");
        }

        if (header.Sequence < newest.HeaderSequence)
        {
            throw new VaultException(
                VaultFailure.HeaderRolledBack,
                "The vault's header is older than its content: somebody put an old header back, perhaps with a passphrase that was removed since.");
        }

        return medium.LengthBytes < checked((long)newest.Space.TotalBlocks * ContainerLayout.BlockSize) ? throw Truncated() : newest;
    }

    private static VaultException Truncated() =>
        new(VaultFailure.Truncated, "The vault's file is shorter than its content: it was cut off. Restore it from a backup.");

    private static Volume OpenVolume(
        IMedium medium, VaultCipher cipher, SealingSession? session, VaultHeader header, SuperblockRing.Content content, VaultOpenOptions options)
    {
        Superblock opened = content.Newest!;
        ulong live = opened.Generation + 1;
        SealedUnits units = new(medium, cipher, session);
        SpaceMap space = new(medium, units, opened.Space, content.Previous?.Space, live);
        return new Volume
        {
            Medium = medium,
            Cipher = cipher,
            Session = session,
            Units = units,
            Space = space,
            Tree = CopyOnWriteTree.Open(units, space, options.PageCacheBytes, live, opened.TreeRoot),
            ChunkSize = header.ChunkSizeBytes,
            Clock = options.Clock,
            Logger = options.Logger,
            LiveGeneration = live,
            NextInode = opened.NextInode,
            InodeCount = (long)opened.InodeCount,
        };
    }

    // Nothing between the fixed parts is recognisable either.
    private static void FillReserved(IMedium medium, RandomSource random)
    {
        byte[] noise = new byte[(int)ContainerLayout.FirstDataBlock * ContainerLayout.BlockSize];
        random.Fill(noise);
        medium.Write(0, noise);
    }

    // Every slot of the ring holds the first state, so that a slot which does not authenticate always means something.
    private static void WriteFirstState(
        IMedium medium, VaultCipher cipher, SealingSession session, VaultHeader header, InodeRecord root, RandomSource random)
    {
        const ulong Generation = 1;
        SealedUnits units = new(medium, cipher, session);
        SpaceMap space = SpaceMap.CreateEmpty(medium, units, Generation);
        using CopyOnWriteTree tree = CopyOnWriteTree.CreateEmpty(units, space, 0, Generation);
        new InodeTable(tree).Put(InodeNumber.Root, root);
        tree.Freeze(Generation + 1);
        space.Freeze(Generation + 1);
        Superblock superblock = new()
        {
            Generation = Generation,
            HeaderSequence = header.Sequence,
            Session = session.Salt,
            TreeRoot = tree.WriteFrozen(),
            Space = space.WriteFrozen(Generation),
            NextInode = InodeNumber.Root.Value + 1,
            InodeCount = 1,
            IsClean = true,
            Lineage = [],
        };
        SuperblockRing ring = new(medium, cipher);
        medium.Flush();
        for (ulong generation = 1; generation <= ContainerLayout.SuperblockSlotCount; generation++)
            _ = ring.Write(superblock with { Generation = generation }, random);
        medium.Flush();
        tree.Thaw();
    }

    private static InodeRecord RootDirectory(uint userId, uint groupId, Timestamp now) => new()
    {
        Mode = ModeBits.Directory | Convert.ToUInt32("755", 8),
        LinkCount = 2,
        UserId = userId,
        GroupId = groupId,
        Parent = InodeNumber.Root.Value,
        AccessTime = now,
        ModifyTime = now,
        ChangeTime = now,
        BirthTime = now,
    };
}
