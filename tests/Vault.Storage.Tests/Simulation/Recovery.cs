namespace Vault.Storage.Tests.Simulation;

/// <summary>What must be true of every image that a crash leaves.</summary>
internal static class Recovery
{
    /// <summary>
    /// Every unit of the newest two states authenticates, all blocks are accounted for, the vault opens without a
    /// scan, holds one of the allowed states, and deletes what had no name any more. The image stays as it is.
    /// </summary>
    /// <param name="image">What was found.</param>
    /// <param name="vault">Its key.</param>
    /// <param name="allowed">The states that it may hold.</param>
    /// <param name="newestOnly">Whether the state before the newest need not be whole, and the newest may need to be accepted: the host may have shown a superblock that it had lost.</param>
    /// <returns>The index of the state.</returns>
    public static int Check(SparseImage image, SimulatedVault vault, IReadOnlyList<ModelFileSystem> allowed, bool newestOnly = false)
    {
        Audit(image, vault, newestOnly);
        SimulatedMedium medium = new(1, image) { IsReadOnly = true };
        using VaultFileSystem fileSystem = vault.Open(medium, readOnly: true, acceptOlder: newestOnly);
        return StateHistory.IndexOf(allowed, VaultDriver.ReadAll(fileSystem));
    }

    /// <summary>Opens the image for writing and uses it: what is written must not touch the newest two states.</summary>
    public static void GoOn(SparseImage image, SimulatedVault vault, bool newestOnly = false)
    {
        SimulatedMedium medium = new(2, image) { Canary = Canary.Bytes };
        using VaultFileSystem fileSystem = vault.Open(medium, acceptOlder: newestOnly);
        int named = VaultDriver.ReadAll(fileSystem).NamedInodeCount;
        Assert.Equal(named, fileSystem.GetStatistics().InodeCount);
        VaultDriver driver = new(fileSystem);
        Assert.Equal(Errno.None, driver.Apply(new(OperationKind.CreateFile, "after")));
        for (uint i = 0; i < 3; i++)
        {
            Assert.Equal(Errno.None, driver.Apply(new(OperationKind.Write, "after", Offset: i * 50_000, Length: 100_000, Argument: i)));
            Audit(medium.Snapshot(), vault, newestOnly);
            Assert.Equal(Errno.None, fileSystem.Sync());
            Audit(medium.Snapshot(), vault, newestOnly);
        }

        vault.CheckLog();
    }

    /// <summary>The one place that looks at a container from outside.</summary>
    public static void Audit(SparseImage image, SimulatedVault vault, bool newestOnly = false) =>
        VaultAudit.Check(new SimulatedMedium(3, image) { IsReadOnly = true }, vault.Master, newestOnly);
}
