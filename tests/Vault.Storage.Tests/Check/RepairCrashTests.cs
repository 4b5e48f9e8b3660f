using Vault.Crypto;
using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

public sealed class RepairCrashTests
{
    // Goal: a crash at any instant of a repair leaves a vault that opens and holds what it held, or what the repair made of it; and
    // that can be repaired again. Method: a vault with lost pages, a wrong link count and a space map that says that data is free;
    // cut at every operation of the repair, with several patterns of what survives of unflushed writes.
    [Fact]
    public void A_crash_at_any_instant_of_a_repair_loses_nothing()
    {
        InodeNumber kept = default;
        byte[] content = FileSystemExtensions.RandomBytes(200_000);
        CheckedVault vault = new(fileSystem =>
        {
            for (int i = 0; i < 200; i++)
                fileSystem.WriteAll(fileSystem.CreateFile($"file {i}"), 0, FileSystemExtensions.RandomBytes(300));
            kept = fileSystem.CreateFile("kept");
            fileSystem.WriteAll(kept, 0, content);
        });
        BlockPointer data = vault.ChunksOf(kept)[1];
        vault.EditInode(kept, (ref InodeRecord r) => r.LinkCount = 5);
        vault.EditVolume(volume => volume.Space.Free(data)); // the last thing: whatever is written next may take it
        List<ContainerUnits.Unit> units = vault.Units;
        ContainerUnits.FlipBit(vault.Medium, units.First(u => u.IsLeafOf(TableId.InlineData)).Pointer);
        ContainerUnits.FlipBit(vault.Medium, units.First(u => u.Pointer.Kind == SealKind.SpaceBitmap).Pointer);
        vault.Medium.Write(ContainerLayout.HeaderCopyBOffset, [1]);
        vault.Medium.Write(new BlockAddress(ContainerLayout.SuperblockRingBlock + ((vault.Check(out _).Generation + 5) % 8)).OffsetBytes, [1]);
        string[] before = vault.Findings();

        SimulatedMedium medium = new(1, SparseImage.Of(vault.Medium.Snapshot()));
        List<CrashPoint> crashes = [];
        medium.BeforeOperation = () => crashes.Add(medium.TakeCrashPoint());
        RepairReport report = VaultChecker.Repair(medium, vault.Master, static _ => { }, null, CancellationToken.None);
        int lost = (int)report.After.Findings.Single(f => f.Key == CheckFindingKind.FileData).Value;
        crashes.Add(medium.TakeCrashPoint());
        Assert.True(crashes.Count > 10);
        for (int operation = 0; operation < crashes.Count; operation++)
        {
            foreach (Survival survival in Enum.GetValues<Survival>())
            {
                vault.Medium.Restore(crashes[operation].Image(survival, operation).ToArray());
                AssertKept(vault, kept, content);
                int found = vault.Findings().Count(f => f != "SuperblockSlot -" && f != "SpareCopy -");
                Assert.True(found == lost || found == before.Count(f => f != "SuperblockSlot -" && f != "SpareCopy -"), $"{found} findings after a crash at operation {operation}, {survival}.");
                if (operation % 8 == 0)
                    Assert.Equal(lost, vault.RepairAndWork().Length);
            }
        }
    }

    // Goal: a repair that the host has no room for changes nothing.
    [Fact]
    public void A_full_host_leaves_the_vault_as_it_was()
    {
        InodeNumber kept = default;
        byte[] content = FileSystemExtensions.RandomBytes(3_000_000);
        CheckedVault vault = new(fileSystem =>
        {
            kept = fileSystem.CreateFile("kept");
            fileSystem.WriteAll(kept, 0, content);
        });
        vault.EditInode(kept, (ref InodeRecord r) => r.LinkCount = 5);
        string[] before = vault.Findings();
        MemoryMedium full = new(vault.Medium.Snapshot());
        full.BeforeWrite = _ => throw new VaultException(VaultFailure.NoSpace, "Simulated full host.");
        VaultException e = Assert.Throws<VaultException>(() => VaultChecker.Repair(full, vault.Master, static _ => { }, null, CancellationToken.None));
        Assert.Equal(VaultFailure.NoSpace, e.Failure);
        vault.Medium.Restore(full.Snapshot());
        Assert.Equal(before, vault.Findings());
        AssertKept(vault, kept, content);
    }

    private static void AssertKept(CheckedVault vault, InodeNumber kept, byte[] content)
    {
        using VaultFileSystem fileSystem = TestVault.Open(new MemoryMedium(vault.Medium.Snapshot()), vault.Master, readOnly: true);
        Assert.Equal(content, fileSystem.ReadAll(kept, 0, content.Length));
    }
}
