using Vault.Fuse.Mount;

namespace Vault.Fuse.Tests.Mount;

public sealed class MountInfoEntryTests
{
    // Goal: the fields are found behind any number of optional ones, and the kernel's escapes are undone.
    // Method: lines as proc_pid_mountinfo(5) shows them.
    [Theory]
    [InlineData("42 27 0:39 / /mnt/v rw,nosuid - fuse.vaultfs /home/me/a.vault rw,user_id=0", 42, "/mnt/v", "/home/me/a.vault")]
    [InlineData("42 27 0:39 / /mnt/v rw shared:1 master:2 - fuse.vaultfs /home/me/a.vault rw", 42, "/mnt/v", "/home/me/a.vault")]
    [InlineData(@"42 27 0:39 / /mnt/with\040space\011tab\012line\134back rw - fuse.vaultfs a\040b rw", 42, "/mnt/with space\ttab\nline\\back", "a b")]
    [InlineData("42 27 0:39 / /mnt/\u00fc rw - fuse.vaultfs \u20ac rw", 42, "/mnt/\u00fc", "\u20ac")]
    [InlineData("42 27 0:39 / - rw - fuse.vaultfs - rw", 42, "-", "-")]
    public void Lines_are_parsed(string line, int mountId, string mountPoint, string source)
    {
        Assert.True(MountInfoEntry.TryParse(line, out MountInfoEntry? entry));
        Assert.Equal(new MountInfoEntry(mountId, 27, "0:39", mountPoint, "fuse.vaultfs", source), entry);
        Assert.True(entry!.IsVault);
    }

    // Goal: a line of another form is no mount, and no exception.
    // Method: fields that are missing or not numbers.
    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("42 27 0:39 / /mnt/v rw")]
    [InlineData("42 27 0:39 / /mnt/v rw - fuse.vaultfs")]
    [InlineData("x 27 0:39 / /mnt/v rw - fuse.vaultfs a rw")]
    [InlineData("42 - 0:39 / /mnt/v rw - fuse.vaultfs a rw")]
    public void Other_lines_are_left_out(string line) => Assert.False(MountInfoEntry.TryParse(line, out _));

    // Goal: only whole escapes count.
    // Method: cut and wrong ones.
    [Theory]
    [InlineData(@"\04", @"\04")]
    [InlineData(@"\0", @"\0")]
    [InlineData(@"\", @"\")]
    [InlineData(@"\048", @"\048")]
    [InlineData(@"\400", @"\400")]
    [InlineData(@"\303\274", "\u00fc")]
    public void Escapes_are_undone_when_whole(string text, string expected) => Assert.Equal(expected, MountInfoEntry.Unescape(text));

    // Goal: the parser takes what this machine's kernel writes.
    // Method: every line of our own mountinfo.
    [Fact]
    public void The_machine_s_own_mounts_are_parsed()
    {
        Assert.Equal(File.ReadAllLines("/proc/self/mountinfo").Length, MountInfoEntry.ReadAll().Count);
        Assert.Contains(MountInfoEntry.ReadAll(), entry => entry is { MountPoint: "/proc", FileSystemType: "proc" });
    }
}
