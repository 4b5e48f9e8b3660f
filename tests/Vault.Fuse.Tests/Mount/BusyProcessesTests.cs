using Vault.Fuse.Mount;

namespace Vault.Fuse.Tests.Mount;

public sealed class BusyProcessesTests
{
    // Goal: users of a mount are found with what they use, by /proc alone.
    // Method: this process and its open file on a mount that every machine has; a place that is no mount has none.
    [Fact]
    public void Users_of_a_mount_are_found()
    {
        using FileStream open = File.OpenRead("/proc/self/status");
        BusyProcess self = Assert.Single(BusyProcesses.Find("/proc"), process => process.ProcessId == Environment.ProcessId);
        Assert.True(self.Use.HasFlag(BusyUse.OpenFile));
        Assert.Equal(File.ReadAllText("/proc/self/comm").TrimEnd(), self.Command);
        Assert.Empty(BusyProcesses.Find("/proc/self"));
        Assert.Empty(BusyProcesses.Find("/nowhere"));
    }

    // Goal: the program and its memory count.
    // Method: the mount on which this program lies.
    [Fact]
    public void Programs_and_their_memory_count()
    {
        Assert.Equal(0, MountPlace.TryFind(Path.GetDirectoryName(Environment.ProcessPath)!, out MountPlace? place));
        BusyProcess self = Assert.Single(BusyProcesses.Find(place!.Mount!.MountPoint), process => process.ProcessId == Environment.ProcessId);
        Assert.Equal(BusyUse.Program | BusyUse.MappedFile, self.Use & (BusyUse.Program | BusyUse.MappedFile));
    }
}
