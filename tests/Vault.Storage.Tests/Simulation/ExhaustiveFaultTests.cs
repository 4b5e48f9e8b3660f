namespace Vault.Storage.Tests.Simulation;

public sealed class ExhaustiveFaultTests
{
    // Goal: one failure of the host, wherever it hits, loses nothing that was promised: after a failed write or flush the
    // vault says that it is read-only, and what is recovered is at least as new as the last good flush; refused space is
    // ENOSPC for the application and nothing else; a process that dies leaves what it had written.
    // Method: a small workload once for each operation of the medium, which is the one that fails.
    [Theory]
    [InlineData(OperationKind.FailOperation, 11)]
    [InlineData(OperationKind.RefuseOperation, 12)]
    [InlineData(OperationKind.Kill, 13)]
    [InlineData(OperationKind.LosePower, 14)]
    [InlineData(OperationKind.FailRead, 15)]
    internal void One_failure_anywhere_loses_nothing_promised(OperationKind failure, int seed)
    {
        SimulationCase whole = WorkloadGenerator.Small(seed) with { PageCacheBytes = 1 << 17 };
        SimulationStatistics statistics = new();
        SimulationStatistics last;
        int number = 0;
        do
        {
            last = new SimulationStatistics();
            Operation fault = new(failure, Length: ++number, Argument: (uint)Survival.RandomTornSectors);
            Run(whole with { Seed = (seed * 1000) + number, Operations = [fault, .. whole.Operations] }, last);
            statistics.Add(last);
        }
        while (last.Faults > 0);
        Assert.InRange(number, 5, 1000);
        Console.WriteLine($"{failure} everywhere, seed {seed}: {statistics}.");
    }

    // Goal: a host that is full to the last byte costs nothing that was promised: the application gets ENOSPC, and only for
    // what needs space; deleting works and makes room.
    // Method: a small workload with files that need space; the host fills up before each operation in turn; then a power loss.
    [Fact]
    public void A_host_that_fills_up_anywhere_loses_nothing_promised()
    {
        SimulationCase whole = WorkloadGenerator.Filling(21);
        SimulationStatistics statistics = new();
        Operation[] end = [new(OperationKind.LosePower, Argument: (uint)Survival.RandomSectors), new(OperationKind.Check), new(OperationKind.Empty), new(OperationKind.LosePower)];
        for (int i = 0; i < whole.Operations.Count; i++)
        {
            Operation fill = new(OperationKind.FillHost, Length: i % 5);
            Run(whole with { Seed = i, Operations = [.. whole.Operations.Take(i), fill, .. whole.Operations.Skip(i), .. end] }, statistics);
        }

        Console.WriteLine($"Full host everywhere: {statistics}.");
    }

    // Goal: a place of the disk that cannot be read costs at most what lies on it: the rest reads as it was written, what does
    // not is an error, and deleting and writing go on or say why not.
    // Method: each page of a vault in turn is bad; then everything is read, deleted, written.
    [Fact]
    public void A_bad_page_anywhere_gives_right_data_or_an_error()
    {
        SimulationCase @case = WorkloadGenerator.Small(31);
        SimulatedMedium? worked = null;
        StateHistory? history = null;
        using SimulationRun run = new(@case, new SimulationStatistics()) { OnOpened = (medium, states) => (worked, history) = (medium, states) };
        run.Execute();
        SparseImage image = worked!.Snapshot();
        List<Operation> reads = [.. history!.Current.Entries().Where(e => e.Node.IsRegularFile).Select(e => new Operation(OperationKind.Read, e.Path, Length: 1 << 20))];
        int unreadable = 0;
        for (int page = 0; page * (long)SparseImage.PageSize < image.LengthBytes; page++)
        {
            SimulatedMedium medium = new(page, image);
            medium.MarkBad(page);
            if (TryOpen(run.Vault, medium) is not { } fileSystem)
                continue;
            VaultDriver driver = new(fileSystem);
            foreach (Operation read in reads)
            {
                Errno outcome = driver.Apply(read);
                Assert.True(outcome is Errno.None or Errno.EIO, $"Page {page}: {outcome}");
                Assert.True(outcome == Errno.EIO || history.Current.ReadOf(read).SequenceEqual(driver.LastRead), $"Page {page}: wrong data.");
                unreadable += outcome == Errno.EIO ? 1 : 0;
                Assert.True(driver.Apply(new(OperationKind.Unlink, read.Path)) is Errno.None or Errno.EIO or Errno.EROFS);
            }

            Assert.True(driver.Apply(new(OperationKind.CreateFile, "after")) is Errno.None or Errno.EIO or Errno.EROFS);
            Assert.True(fileSystem.Sync() is Errno.None or Errno.EIO);
            fileSystem.Dispose();
        }

        Assert.InRange(reads.Count, 3, 100);
        Assert.InRange(unreadable, 1, reads.Count * 20);
    }

    private static VaultFileSystem? TryOpen(SimulatedVault vault, SimulatedMedium medium)
    {
        try
        {
            return vault.Open(medium);
        }
        catch (VaultException e) when (e.Failure is VaultFailure.IoError or VaultFailure.Corrupted or VaultFailure.NewerStateLost)
        {
            return null;
        }
    }

    private static void Run(SimulationCase @case, SimulationStatistics statistics)
    {
        try
        {
            @case.Run(statistics);
        }
        catch (SimulationException e)
        {
            throw Simulator.Shrunk(@case, e);
        }
    }
}
