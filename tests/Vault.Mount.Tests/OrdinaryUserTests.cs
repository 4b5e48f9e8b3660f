using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>A vault needs no right of root, and by default only its user gets in.</summary>
public sealed class OrdinaryUserTests
{
    // Goal: everything works for a user without any right: create, unlock, work, list, lock.
    // Method: as nobody; the server must have this user's id and no capability.
    [Fact]
    public void An_ordinary_user_needs_no_right()
    {
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Open();
        int server = vault.ServerPid();

        string status = File.ReadAllText($"/proc/{server}/status");
        OrdinaryUser.InMount(vault, "mkdir d; seq 100000 > d/file; ln -s d/file link; [ $(stat -c %u d/file) = $(id -u) ]").Succeed();
        vault.LockAndUnlock();

        Assert.Matches(@"\nCapEff:\s+0{16}\n", status);
        Assert.DoesNotMatch(@"\nUid:\s+0\s", status);
        OrdinaryUser.InMount(vault, "cmp link <(seq 100000)").Succeed();
        vault.Lock().Succeed();
        Assert.False(vault.IsMounted());
    }

    // Goal: only the user who unlocked gets in; not another one, not root.
    // Method: root and another user try to list the mount.
    [Fact]
    public void Nobody_else_gets_in_not_even_root()
    {
        Requires.Root();
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Open();

        CommandResult root = Shell.Run(["ls", vault.MountPoint]);
        CommandResult other = Shell.Run(["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "ls", vault.MountPoint]);

        Assert.NotEqual(0, root.ExitCode);
        Assert.NotEqual(0, other.ExitCode);
        Assert.Contains("Permission denied", root.Error, StringComparison.Ordinal);
        OrdinaryUser.InMount(vault, "ls").Succeed();
    }

    // Goal: what root unlocks is root's alone, unless it lets others in, who are then held to file permissions.
    // Method: nobody reads an open and a closed file, without and with --allow-other.
    [Fact]
    public void Root_can_let_others_in()
    {
        Requires.Root();
        using OrdinaryUser user = new();
        using TestVault vault = new();
        Shell.Bash($"chmod 755 {vault.Directory}").Succeed();
        vault.Open();
        vault.InMount("echo text > open; echo text > closed; chmod 600 closed").Succeed();
        Assert.NotEqual(0, OrdinaryUser.InMount(vault, "cat open").ExitCode);
        vault.Lock().Succeed();

        vault.Unlock("--allow-other").Succeed();

        OrdinaryUser.InMount(vault, "cat open").Succeed();
        Assert.NotEqual(0, OrdinaryUser.InMount(vault, "cat closed").ExitCode);
        Assert.NotEqual(0, OrdinaryUser.InMount(vault, "echo more > open").ExitCode);
    }

    // Goal: an ordinary user who may not let others in is told so.
    // Method: --allow-other where fuse.conf does not permit it.
    [Fact]
    public void Letting_others_in_needs_permission()
    {
        Requires.Root();
        Assert.SkipWhen(File.Exists("/etc/fuse.conf") && File.ReadLines("/etc/fuse.conf").Any(line => line.Trim() == "user_allow_other"), "user_allow_other is set here.");
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Create().Succeed();

        vault.Unlock("--allow-other").Fail(46, "user_allow_other");

        Assert.False(vault.IsMounted());
    }

    // Goal: the dead mount of an ordinary user is cleaned up by the next unlock, through fusermount3.
    // Method: kill the server.
    [Fact]
    public void An_ordinary_user_recovers_from_a_dead_server()
    {
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Open();
        OrdinaryUser.InMount(vault, "echo text > file; sync file .").Succeed();
        Shell.Run([.. OrdinaryUser.Prefix, "kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();

        vault.Unlock().Succeed();

        OrdinaryUser.InMount(vault, "[ \"$(cat file)\" = text ]").Succeed();
    }

    // Goal: no other process of the same user can read the server's memory, nor does a crash write it to disk.
    // Method: the kernel gives the /proc files of a process that is not dumpable to root, and refuses its memory.
    [Fact]
    public void The_servers_memory_is_closed_to_its_own_user()
    {
        Requires.Root();
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Open();
        int server = vault.ServerPid();

        CommandResult read = Shell.Run([.. OrdinaryUser.Prefix, "cat", $"/proc/{server}/mem"]);

        Assert.Equal("0", Shell.Bash($"stat -c %u /proc/{server}/environ").Succeed().Output.Trim());
        Assert.Contains("Permission denied", read.Error, StringComparison.Ordinal);
    }
}
