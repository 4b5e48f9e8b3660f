namespace Vault.Storage.Tests.Simulation;

/// <summary>Which of the changes since the last flush survive a power loss; those that tear sectors or choose sector by sector do so at random.</summary>
internal enum Survival
{
    Nothing,
    Everything,
    RandomWrites,
    RandomSectors,
    RandomTornSectors,
    OnlyTheLast,
    LastIsTorn,
    OnlySuperblocks,
    AllButSuperblocks,
}

/// <summary>
/// An instant at which the power may go: what was durable, and what was done since the flush before. Cheap to keep;
/// <see cref="Image"/> makes what is found on the disk afterwards.
/// </summary>
internal sealed class CrashPoint(SparseImage durable, List<PendingChange> pending, int pendingCount)
{
    private const int FirstRingPage = (int)ContainerLayout.SuperblockRingBlock;

    public SparseImage Image(Survival survival, int seed)
    {
        Random random = new(seed);
        SparseImage image = durable.Clone(random.Next());
        long last = pendingCount == 0 ? -1 : pending[pendingCount - 1].Operation;
        long decidedFor = -1;
        bool coin = false;
        for (int i = 0; i < pendingCount; i++)
        {
            PendingChange change = pending[i];
            coin = change.Operation == decidedFor ? coin : random.Next(2) == 0;
            decidedFor = change.Operation;
            bool isLast = change.Operation == last;
            bool isSuperblock = change.Kind == ChangeKind.Write && change.Page - FirstRingPage is >= 0 and < ContainerLayout.SuperblockSlotCount;
            bool survives = survival switch
            {
                Survival.Everything or Survival.RandomSectors or Survival.RandomTornSectors or Survival.LastIsTorn => true,
                Survival.RandomWrites => coin,
                Survival.OnlyTheLast => isLast,
                Survival.OnlySuperblocks => isSuperblock,
                Survival.AllButSuperblocks => !isSuperblock,
                _ => false,
            };
            if (!survives)
                continue;
            bool inPart = survival is Survival.RandomSectors or Survival.RandomTornSectors || (survival == Survival.LastIsTorn && isLast);
            Apply(image, change, inPart ? random : null, mayTear: survival != Survival.RandomSectors);
        }

        return image;
    }

    /// <summary>Makes a change to an image: all of it, or with <paramref name="random"/> any part.</summary>
    public static void Apply(SparseImage image, in PendingChange change, Random? random, bool mayTear)
    {
        switch (change.Kind)
        {
            case ChangeKind.Write:
                byte[]? page = random is null && change.Sectors == 0xFF ? change.Content : Part(image.Page(change.Page), change, random, mayTear);
                if (page is not null)
                    image.SetPage(change.Page, page);
                break;
            case ChangeKind.Trim:
                for (int i = 0; i < change.PageCount; i++)
                {
                    if (random is null || random.Next(2) == 0)
                        image.Release(change.Page + i, keepContent: random is not null && random.Next(2) == 0);
                }

                break;
            case ChangeKind.Allocate when random is null || random.Next(2) == 0:
                for (int i = 0; i < change.PageCount; i++)
                    image.Allocate(change.Page + i);
                if (change.LengthBytes > image.LengthBytes)
                    image.SetLength(change.LengthBytes);
                break;
            case ChangeKind.SetLength when random is null || random.Next(2) == 0:
                image.SetLength(change.LengthBytes);
                break;
        }
    }

    private static byte[]? Part(ReadOnlySpan<byte> old, in PendingChange change, Random? random, bool mayTear)
    {
        byte[] page = old.ToArray();
        bool any = false;
        for (int sector = 0; sector < SparseImage.SectorsPerPage; sector++)
        {
            if ((change.Sectors & (1 << sector)) == 0 || (random is not null && random.Next(2) == 0))
                continue;
            any = true;
            Span<byte> target = page.AsSpan(sector * SparseImage.SectorSize, SparseImage.SectorSize);
            change.Content.AsSpan(sector * SparseImage.SectorSize, SparseImage.SectorSize).CopyTo(target);
            if (random is not null && mayTear && random.Next(3) == 0)
                Tear(target, old.Slice(sector * SparseImage.SectorSize, SparseImage.SectorSize), random);
        }

        return any ? page : null;
    }

    private static void Tear(Span<byte> sector, ReadOnlySpan<byte> old, Random random)
    {
        int from = random.Next(sector.Length);
        if (random.Next(2) == 0)
            random.NextBytes(sector[from..]);
        else
            old[from..].CopyTo(sector[from..]);
    }
}
