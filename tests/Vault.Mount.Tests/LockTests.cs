using System.Diagnostics;
using System.Text.Json;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>Locking, and the other ways in which a mount ends.</summary>
public sealed class LockTests
{
    // Goal: when lock returns, everything is on disk and the server has gone.
    // Method: right after it the process must not exist, the container must not change any more, and a copy of it must hold all.
    [Fact]
    public void Lock_returns_when_all_is_on_disk_and_the_server_has_gone()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        int server = vault.ServerPid();
        string sum = vault.InMount("head -c 64M /dev/urandom | tee file | sha256sum").Succeed().Output;

        vault.Lock().Succeed();
        bool serverIsThere = Shell.IsAlive(server);
        bool isMounted = vault.IsMounted();
        string hash = vault.ContainerHash();
        Shell.Run(["cp", vault.Container, vault.In("copy")]).Succeed();
        Thread.Sleep(1000);

        Assert.False(serverIsThere);
        Assert.False(isMounted);
        Assert.Equal(hash, vault.ContainerHash());
        Shell.Run(["mv", vault.In("copy"), vault.Container]).Succeed();
        vault.Unlock().Succeed();
        Assert.Equal(sum, Shell.Bash($"sha256sum < {vault.Mounted("file")}").Succeed().Output);
    }

    // Goal: a vault can be locked by its own path and through symlinks, from anywhere.
    // Method: each way once.
    [Fact]
    public void Lock_takes_vault_or_mount_point_however_it_is_written()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Create().Succeed();
        Shell.Bash($"ln -s {vault.MountPoint} {vault.In("mount-link")}; ln -s test.vault {vault.In("vault-link")}").Succeed();

        foreach (string target in new[] { vault.Container, vault.MountPoint, vault.MountPoint + "/", vault.In("mount-link"), vault.In("vault-link"), vault.In("state/../mnt") })
        {
            vault.Unlock().Succeed();
            vault.Vaultfs("lock", target).Succeed();
            Assert.False(vault.IsMounted());
        }

        vault.Unlock().Succeed();
        Shell.Bash($"cd {vault.Directory} && {Checkout.Launcher} lock mnt", vault.Environment).Succeed();
        Assert.False(vault.IsMounted());
    }

    // Goal: somebody who only looks at the mount now and then, as df does, does not keep it from being locked.
    // Method: lock ten times while a process goes on looking for files that are not there.
    [Fact]
    public void A_glance_at_the_mount_is_no_use_of_it()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        using Process looking = Shell.Start(["perl", "-e", "$| = 1; print qq(ready\n); while (1) { lstat $ARGV[0] . q(/) . $i++; select undef, undef, undef, 0.0001; }", vault.MountPoint]);
        try
        {
            Assert.Equal("ready", looking.StandardOutput.ReadLine());
            for (int i = 0; i < 10; i++)
                vault.LockAndUnlock();
            vault.Lock().Succeed();
        }
        finally
        {
            looking.Kill();
            looking.WaitForExit();
        }
    }

    // Goal: a busy mount is not locked; the processes are named, by number and name, and everything goes on.
    // Method: one process stands in the mount, another has a file open.
    [Fact]
    public void A_busy_mount_names_the_processes()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        using Process inside = Shell.Start(["bash", "-c", $"cd {vault.MountPoint} && echo ready && exec sleep 60"]);
        using Process holding = Shell.Start(["bash", "-c", $"exec 3> {vault.Mounted("open")} && echo ready && exec tail -f /dev/null"]);
        try
        {
            Assert.Equal("ready", inside.StandardOutput.ReadLine());
            Assert.Equal("ready", holding.StandardOutput.ReadLine());

            vault.Lock().Fail(50, vault.MountPoint, $"sleep ({inside.Id})", $"tail ({holding.Id})");

            vault.InMount("echo still > there").Succeed();
        }
        finally
        {
            inside.Kill();
            holding.Kill();
        }

        inside.WaitForExit();
        holding.WaitForExit();
        vault.Lock().Succeed();
    }

    // Goal: of a vault that is mounted at several places, one that is in use does not keep the others open.
    // Method: three read-only mounts, of which the middle one is busy; lock by the container's path.
    [Fact]
    public void Lock_of_a_vault_goes_on_after_a_busy_mount()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Create().Succeed();
        string[] mountPoints = [vault.In("a"), vault.In("b"), vault.In("c")];
        try
        {
            foreach (string mountPoint in mountPoints)
            {
                _ = Directory.CreateDirectory(mountPoint);
                vault.Vaultfs("unlock", vault.Container, mountPoint, "--read-only", "--passphrase-file", vault.PassphraseFile).Succeed();
            }

            using Process inside = Shell.Start(["bash", "-c", $"cd {mountPoints[1]} && echo ready && exec sleep 60"]);
            Assert.Equal("ready", inside.StandardOutput.ReadLine());
            CommandResult locked = vault.Vaultfs("lock", vault.Container);
            inside.Kill();
            inside.WaitForExit();

            locked.Fail(50, mountPoints[1], $"sleep ({inside.Id})");
            Assert.Contains(mountPoints[0], locked.Output, StringComparison.Ordinal);
            Assert.Contains(mountPoints[2], locked.Output, StringComparison.Ordinal);
            Assert.Equal(mountPoints[1], Assert.Single(vault.List()).GetProperty("mountpoint").GetString());
            vault.Vaultfs("lock", vault.Container).Succeed();
            Assert.Empty(vault.List());
        }
        finally
        {
            _ = Shell.Bash($"for m in {string.Join(' ', mountPoints)}; do umount --lazy $m 2> /dev/null || fusermount3 -uz $m 2> /dev/null || true; done");
        }
    }

    // Goal: a forced lock frees the mount point at once and says that the vault is still open; what the process goes on to
    // write is kept.
    // Method: a process holds a file, writes after the forced lock, and ends.
    [Fact]
    public void A_forced_lock_detaches_and_says_so()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        int server = vault.ServerPid();
        using Process holding = Shell.Start(["bash", "-c", $"exec 3> {vault.Mounted("open")}; echo before >&3; echo ready; read line; echo after >&3"]);
        Assert.Equal("ready", holding.StandardOutput.ReadLine());

        vault.Lock("--force").Fail(52, vault.MountPoint, $"bash ({holding.Id})", $"{server}");

        Assert.False(vault.IsMounted());
        Assert.True(Shell.IsAlive(server));
        holding.StandardInput.WriteLine();
        Assert.True(holding.WaitForExit(TimeSpan.FromSeconds(10)));
        Assert.True(SpinWait.SpinUntil(() => !Shell.IsAlive(server), TimeSpan.FromSeconds(20)), "The server did not end.");
        vault.Unlock().Succeed();
        Assert.Equal("before\nafter\n", File.ReadAllText(vault.Mounted("open")));
    }

    // Goal: a forced lock of a mount that nobody uses is a lock.
    // Method: force it.
    [Fact]
    public void A_forced_lock_of_an_idle_mount_locks()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("echo text > file").Succeed();

        vault.Lock("--force").Succeed();
        vault.Unlock().Succeed();

        Assert.Equal("text\n", File.ReadAllText(vault.Mounted("file")));
    }

    // Goal: SIGTERM, SIGINT and SIGHUP commit, unmount and end the server, with code 0; so does an unmount by somebody else.
    // Method: each once; what was written just before is there afterwards.
    [Theory]
    [InlineData("kill -TERM $pid")]
    [InlineData("kill -INT $pid")]
    [InlineData("kill -HUP $pid")]
    [InlineData("umount $mount || fusermount3 -u $mount")]
    public void Other_ends_keep_everything(string end)
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        int server = vault.ServerPid();
        vault.InMount("seq 100000 > file").Succeed();

        Shell.Bash($"pid={server}; mount={vault.MountPoint}; {end}").Succeed();

        Assert.True(SpinWait.SpinUntil(() => !Shell.IsAlive(server), TimeSpan.FromSeconds(20)), "The server did not end.");
        Assert.False(vault.IsMounted());
        CommandResult unlocked = vault.Unlock().Succeed();
        Assert.DoesNotContain("was not locked", unlocked.Error, StringComparison.Ordinal);
        vault.InMount("cmp file <(seq 100000)").Succeed();
    }

    // Goal: SIGTERM ends the server also while the mount is in use, and keeps what had been written to files still open.
    // Method: a process holds a file with data that only the kernel's cache has.
    [Fact]
    public void Sigterm_ends_a_busy_server()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        int server = vault.ServerPid();
        using Process holding = Shell.Start(["bash", "-c", $"exec 3> {vault.Mounted("open")}; seq 100000 >&3; echo ready; read line"]);
        Assert.Equal("ready", holding.StandardOutput.ReadLine());

        Shell.Run(["kill", "-TERM", $"{server}"]).Succeed();

        Assert.True(SpinWait.SpinUntil(() => !Shell.IsAlive(server), TimeSpan.FromSeconds(30)), "The server did not end.");
        holding.StandardInput.WriteLine();
        Assert.True(holding.WaitForExit(TimeSpan.FromSeconds(10)));
        Assert.False(vault.IsMounted());
        vault.Unlock().Succeed();
        vault.InMount("cmp open <(seq 100000)").Succeed();
    }

    // Goal: lock of a mount whose server died detaches it and says so; nothing synced is lost.
    // Method: kill, lock, unlock.
    [Fact]
    public void Lock_cleans_up_a_dead_mount()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("echo text > file; sync file .").Succeed();
        Shell.Run(["kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();

        JsonElement dead = Assert.Single(vault.List());
        Assert.Equal("dead", dead.GetProperty("state").GetString());
        CommandResult locked = vault.Lock().Succeed();

        Assert.Contains("had died", locked.Output, StringComparison.Ordinal);
        Assert.False(vault.IsMounted());
        Assert.Empty(vault.List());
        vault.Unlock().Succeed();
        Assert.Equal("text\n", File.ReadAllText(vault.Mounted("file")));
    }
}
