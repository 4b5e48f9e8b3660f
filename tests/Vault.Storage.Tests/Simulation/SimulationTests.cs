namespace Vault.Storage.Tests.Simulation;

/// <summary>The simulation itself, and what needs no workload.</summary>
public sealed class SimulationTests
{
    // Goal: a seed determines a run to the last byte, or a failure could not be done again.
    [Fact]
    public void A_seed_determines_the_image()
    {
        byte[] Image(int seed)
        {
            SimulatedMedium? last = null;
            using SimulationRun run = new(WorkloadGenerator.Small(seed), new SimulationStatistics()) { OnOpened = (medium, _) => last = medium };
            run.Execute();
            return last!.Snapshot().ToArray()[..(1 << 20)];
        }

        Assert.Equal(Image(5), Image(5));
    }

    // Goal: what no flush covered is in doubt, sector by sector, and what one covered is not.
    // Method: two writes to one page with a flush between, many crashes: every sector is seen old, new and torn.
    [Fact]
    public void Only_what_was_flushed_survives_every_crash()
    {
        SimulatedMedium medium = new(1);
        medium.Write(0, Enumerable.Repeat((byte)1, 4096).ToArray());
        medium.Flush();
        medium.Write(0, Enumerable.Repeat((byte)2, 4096).ToArray());
        CrashPoint crash = medium.TakeCrashPoint();
        medium.Flush();
        bool[,] seen = new bool[8, 3];
        for (int seed = 0; seed < 300; seed++)
        {
            byte[] page = crash.Image(Survival.RandomTornSectors, seed).ToArray();
            for (int sector = 0; sector < 8; sector++)
            {
                Span<byte> bytes = page.AsSpan(sector * 512, 512);
                seen[sector, bytes.ContainsAnyExcept((byte)1) ? bytes.ContainsAnyExcept((byte)2) ? 2 : 1 : 0] = true;
            }

            Assert.False(medium.TakeCrashPoint().Image(Survival.RandomTornSectors, seed).ToArray().AsSpan().ContainsAnyExcept((byte)2));
        }

        Assert.DoesNotContain(false, seen.Cast<bool>());
    }

    // Goal: a failure is shown in its shortest form.
    // Method: a workload 'fails' if it creates a file, and renames later: two of sixty operations are to be left.
    [Fact]
    public void A_failing_workload_is_shrunk()
    {
        IReadOnlyList<Operation> operations = WorkloadGenerator.Small(3).Operations;
        int create = operations.ToList().FindIndex(o => o.Kind == OperationKind.CreateFile);
        Assert.Contains(operations.Skip(create), o => o.Kind == OperationKind.Rename);
        Shrinker shrinker = new(
            tried => tried.SkipWhile(o => o.Kind != OperationKind.CreateFile).Any(o => o.Kind == OperationKind.Rename), 1000);
        Assert.Equal([OperationKind.CreateFile, OperationKind.Rename], shrinker.Shrink(operations).Select(o => o.Kind));
    }

    // Goal: opening takes no scan of the container.
    // Method: bytes read to open a small vault and one that is eighty times as long and more.
    [Fact]
    public void Opening_reads_as_much_of_a_large_vault_as_of_a_small_one()
    {
        (long Read, long Length) small = Opened(files: 1, fileBytes: 100_000);
        (long Read, long Length) large = Opened(files: 300, fileBytes: 600_000);
        Assert.True(large.Length > 80 * small.Length, $"{large.Length} bytes are not many more than {small.Length}.");
        Assert.InRange(large.Read, small.Read, small.Read + (3 * ContainerLayout.PageSize)); // the tree and the index are deeper
    }

    private static (long Read, long Length) Opened(int files, int fileBytes)
    {
        using SimulatedVault vault = new(1, new VaultOpenOptions());
        SimulatedMedium medium = new(1, vault.Create(32 * 1024));
        using (VaultFileSystem fileSystem = vault.Open(medium))
        {
            byte[] data = FileSystemExtensions.RandomBytes(fileBytes);
            for (int i = 0; i < files; i++)
                fileSystem.WriteAll(fileSystem.CreateFile($"f{i}"), 0, data);
            fileSystem.Close();
        }

        long before = medium.BytesRead;
        vault.Open(medium).Dispose();
        return (medium.BytesRead - before, medium.LengthBytes);
    }
}
