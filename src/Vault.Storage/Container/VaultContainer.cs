using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Creates and opens the container of a vault on a medium.</summary>
public static partial class VaultContainer
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
        _ = HeaderCopies.Write(medium, header);
    }

    /// <summary>Reads both header copies and chooses the one to use.</summary>
    /// <exception cref="VaultException">NotAVault, HeaderDamaged, UnknownVersion, UnknownFeature, Truncated.</exception>
    public static HeaderReading ReadHeader(IMedium medium) => HeaderCopies.Read(medium);

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
            CommitTimeSeconds = root.BirthTime.Seconds,
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
