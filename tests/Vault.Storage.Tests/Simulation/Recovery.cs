namespace Vault.Storage.Tests.Simulation;

/// <summary>What must be true of every image that a crash leaves.</summary>
internal static class Recovery
{
    /// <summary>
    /// Every unit of the newest two states authenticates, all blocks are accounted for, the vault opens without a
    /// scan, holds one of the allowed states, and deletes what had no name any more. The image stays as it is.
    /// </summary>
    /// <returns>The index of the state.</returns>
    public static int Check(SparseImage image, SimulatedVault vault, IReadOnlyList<ModelFileSystem> allowed)
    {
        Audit(image, vault);
        SimulatedMedium medium = new(1, image) { IsReadOnly = true };
        using VaultFileSystem fileSystem = vault.Open(medium, readOnly: true);
        return StateHistory.IndexOf(allowed, VaultDriver.ReadAll(fileSystem));
    }

    /// <summary>Opens the image for writing and uses it: what is written must not touch the newest two states.</summary>
    public static void GoOn(SparseImage image, SimulatedVault vault)
    {
        SimulatedMedium medium = new(2, image) { Canary = Canary.Bytes };
        using VaultFileSystem fileSystem = vault.Open(medium);
        int named = VaultDriver.ReadAll(fileSystem).NamedInodeCount;
        Assert.Equal(named, fileSystem.GetStatistics().InodeCount);
        VaultDriver driver = new(fileSystem);
        Assert.Equal(Errno.None, driver.Apply(new(OperationKind.CreateFile, "after")));
        for (uint i = 0; i < 3; i++)
        {
            Assert.Equal(Errno.None, driver.Apply(new(OperationKind.Write, "after", Offset: i * 50_000, Length: 100_000, Argument: i)));
            Audit(medium.Snapshot(), vault);
            Assert.Equal(Errno.None, fileSystem.Sync());
            Audit(medium.Snapshot(), vault);
        }

        vault.CheckLog();
    }

    /// <summary>The one place that looks at a container from outside.</summary>
    public static void Audit(SparseImage image, SimulatedVault vault) => VaultAudit.Check(new SimulatedMedium(3, image) { IsReadOnly = true }, vault.Master);
}
