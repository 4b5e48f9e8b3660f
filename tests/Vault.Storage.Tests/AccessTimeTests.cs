using Vault.Crypto;
using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

public sealed class AccessTimeTests : IDisposable
{
    private const long Day = 24 * 60 * 60;

    private readonly SimulatedClock _clock = new() { Time = 10 * Day };
    private readonly VaultFileSystem _fileSystem;
    private readonly InodeNumber _file;

    public AccessTimeTests()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master);
        _fileSystem = TestVault.Open(medium, master, options: TestVault.Quiet with { Clock = _clock });
        _file = _fileSystem.CreateFile("file");
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: relatime moves the time if it is not after the last change, or a day old.
    // Method: reads at times around both rules, after a change of content and one of the inode.
    [Fact]
    public void Relative_times_move_after_changes_and_once_a_day()
    {
        long start = _clock.Time;
        Assert.Equal(start + 5, ReadAt(start + 5, AccessTimes.Relative));
        Assert.Equal(start + 5, ReadAt(start + 6, AccessTimes.Relative));
        Assert.Equal(start + 5, ReadAt(start + 5 + Day - 1, AccessTimes.Relative));
        Assert.Equal(start + 5 + Day, ReadAt(start + 5 + Day, AccessTimes.Relative));
        _fileSystem.WriteAll(_file, 0, [1]);
        Assert.Equal(start + 6 + Day, ReadAt(start + 6 + Day, AccessTimes.Relative));
        Assert.Equal(Errno.None, _fileSystem.SetAttributes(_file, new AttributeChange { Fields = AttributeChanges.Mode, Mode = 0x180 }, out _));
        Assert.Equal(start + 7 + Day, ReadAt(start + 7 + Day, AccessTimes.Relative));
        Assert.Equal(start + 7 + Day, ReadAt(start + 8 + Day, AccessTimes.Relative));
    }

    // Goal: the other rules hold, and the inode's own flag goes before them.
    // Method: reads at different times; nothing else in the inode moves.
    [Fact]
    public void Strict_times_always_move_and_others_never()
    {
        long start = _clock.Time;
        Assert.Equal(start + 1, ReadAt(start + 1, AccessTimes.Strict));
        Assert.Equal(start + 2, ReadAt(start + 2, AccessTimes.Strict));
        Assert.Equal(start + 2, ReadAt(start + (2 * Day), AccessTimes.Never));
        Assert.Equal((start, start), (_fileSystem.Stat(_file).ModifyTime.Seconds, _fileSystem.Stat(_file).ChangeTime.Seconds));
        Assert.Equal(Errno.None, _fileSystem.SetFlags(_file, AttributeFlags.NoAccessTime));
        Assert.Equal(start + 2, ReadAt(start + (4 * Day), AccessTimes.Strict));
        _fileSystem.NoteAccess(new InodeNumber(9999), AccessTimes.Strict);
    }

    private long ReadAt(long time, AccessTimes rule)
    {
        _clock.Time = time;
        _fileSystem.NoteAccess(_file, rule);
        return _fileSystem.Stat(_file).AccessTime.Seconds;
    }
}
