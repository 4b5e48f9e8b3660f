using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary><c>unlock -o OPTIONS</c>, and what root does to a mount afterwards.</summary>
public sealed class MountOptionTests
{
    private const string NobodyRuns = "setpriv --reuid=65534 --regid=65534 --clear-groups --";

    // Goal: the kernel has every option as it was asked for, and nosuid,nodev,relatime without any.
    // Method: what /proc/mounts says.
    [Theory]
    [InlineData("", "rw,nosuid,nodev,relatime")]
    [InlineData("ro", "ro,nosuid,nodev,relatime")]
    [InlineData("ro,rw", "rw,nosuid,nodev,relatime")]
    [InlineData("suid,dev", "rw,relatime")]
    [InlineData("noexec,noatime", "rw,nosuid,nodev,noexec,noatime")]
    [InlineData("strictatime,dirsync", "rw,dirsync,nosuid,nodev")]
    [InlineData("sync,default_permissions,allow_other", "rw,sync,nosuid,nodev,relatime", "allow_other")]
    public void The_kernel_has_the_options(string options, string expected, string last = "default_permissions")
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();

        vault.Open(options.Length > 0 ? ["-o", options] : []);

        string shown = Shell.Bash($"grep ' {vault.MountPoint} ' /proc/mounts | cut -d ' ' -f 4").Succeed().Output;
        Assert.StartsWith(expected + ",user_id=0,", shown, StringComparison.Ordinal);
        Assert.Contains(last, shown, StringComparison.Ordinal);
    }

    // Goal: fsname is the source that everybody sees; the vault is still known by its path.
    // Method: a name with a comma and a blank; list and lock by the vault's path.
    [Fact]
    public void A_name_stands_in_place_of_the_vaults_path()
    {
        Requires.Fuse();
        using TestVault vault = new();

        vault.Open("-o", @"noatime,fsname=my\, vault");

        Assert.Equal("my, vault", Shell.Bash($"findmnt -n -o SOURCE {vault.MountPoint} || df --output=source {vault.MountPoint} | tail -n 1").Succeed().Output.Trim());
        Assert.Equal(vault.Container, vault.List().Single().GetProperty("vault").GetString());
        vault.Vaultfs("lock", vault.Container).Succeed();
    }

    // Goal: an option that there is not is named, wherever it stands, before anything is asked or mounted.
    // Method: on the command line, code 2; in the configuration, code 3 and the file's name.
    [Fact]
    public void An_unknown_option_is_named()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Create().Succeed();

        vault.Unlock("-o", "ro,loud").Fail(2, "'loud'", "noexec");
        vault.Unlock("-o", "fsname=").Fail(2, "'fsname='");
        Shell.Bash($$"""mkdir -p {{vault.In("config/vaultfs")}}; echo '{ "MountOptions": "quiet" }' > {{vault.In("config/vaultfs/config.json")}}""").Succeed();
        vault.Unlock().Fail(3, "MountOptions", "config.json", "quiet");

        Assert.False(vault.IsMounted());
    }

    // Goal: the configuration's options hold until the command line says otherwise.
    // Method: ro in the file.
    [Fact]
    public void Options_come_from_the_configuration_too()
    {
        Requires.Fuse();
        using TestVault vault = new();
        Shell.Bash($$"""mkdir -p {{vault.In("config/vaultfs")}}; echo '{ "MountOptions": "ro,noexec" }' > {{vault.In("config/vaultfs/config.json")}}""").Succeed();
        vault.Open();

        CommandResult refused = vault.InMount("touch f");
        vault.Lock().Succeed();
        vault.Unlock("-o", "rw").Succeed();

        Assert.Contains("Read-only file system", refused.Error, StringComparison.Ordinal);
        vault.InMount("touch f").Succeed();
    }

    // Goal: a vault lifts nobody's rights unless root asks for it.
    // Method: a set-user-id program, run by an ordinary user, and a device, with the options and without.
    [Fact]
    public void Set_id_programs_and_devices_need_an_option_of_root()
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("setpriv");
        using TestVault vault = new();
        Shell.Bash($"chmod 755 {vault.Directory}").Succeed();
        vault.Open("--allow-other");
        vault.InMount("cp /usr/bin/id id; chmod 4755 id; mknod -m 666 null c 1 3").Succeed();

        string plain = vault.InMount($"{NobodyRuns} ./id -u").Succeed().Output;
        CommandResult closed = vault.InMount("echo text > null");
        vault.Lock().Succeed();
        vault.Unlock("-o", "allow_other,suid,dev").Succeed();
        string lifted = vault.InMount($"{NobodyRuns} ./id -u; echo text > null; [ ! -s null ]").Succeed().Output;

        Assert.Equal("65534\n", plain);
        Assert.Contains("Permission denied", closed.Error, StringComparison.Ordinal);
        Assert.Equal("0\n", lifted);
    }

    // Goal: noacl leaves access control lists out; what the mode says holds.
    // Method: setfacl with the option and without.
    [Fact]
    public void Noacl_has_no_access_control_lists()
    {
        Requires.Fuse();
        Requires.Program("setfacl");
        using TestVault vault = new();
        vault.Open("-o", "noacl");

        CommandResult refused = vault.InMount("touch f; setfacl -m u:1234:r f");
        vault.LockAndUnlock();

        Assert.Contains("Operation not supported", refused.Error, StringComparison.Ordinal);
        vault.InMount("setfacl -m u:1234:r f; getfacl -n f | grep -q '^user:1234:r--$'").Succeed();
    }

    // Goal: noexec executes nothing.
    // Method: a script and a copied program.
    [Fact]
    public void Noexec_executes_nothing()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open("-o", "noexec");

        CommandResult run = vault.InMount("cp /usr/bin/true true; ./true");

        Assert.Equal(126, run.ExitCode);
    }

    // Goal: each atime option does what mount(8) says of it.
    // Method: one file whose atime is before its mtime, one whose atime is (said to be) to come; both are read after an unlock, from the server.
    [Theory]
    [InlineData("noatime", "old", "soon")]
    [InlineData("relatime", "now", "soon")]
    [InlineData("strictatime", "now", "now")]
    public void Reading_sets_access_times_as_the_option_says(string option, string changed, string read)
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("for f in changed read; do echo text > $f; touch -m -d 2002-01-01 $f; done").Succeed();
        string soon = vault.InMount("date -d '+2 hours' '+%F %T'").Succeed().Output.Trim();
        vault.InMount($"touch -a -d 2001-01-01 changed; touch -a -d '{soon}' read").Succeed();
        vault.LockAndUnlock("-o", option);

        string[] times = vault.InMount($"cat changed read > {vault.In("sink")}; stat -c %x changed read").Succeed().Output.Split('\n');

        Assert.Equal(changed == "old", times[0].StartsWith("2001", StringComparison.Ordinal));
        Assert.Equal(read == "soon", times[1].StartsWith(soon, StringComparison.Ordinal));
    }

    // Goal: an ordinary user gets the harmless options through fusermount3, and a clear no to the others.
    // Method: as nobody.
    [Fact]
    public void An_ordinary_user_has_the_harmless_options()
    {
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Create().Succeed();

        vault.Unlock("-o", "suid").Fail(46, "suid", "root");
        vault.Unlock("-o", "dev").Fail(46, "dev", "root");
        Assert.False(vault.IsMounted());
        vault.Unlock("-o", @"noexec,noatime,sync,dirsync,fsname=a\,b").Succeed();

        string shown = Shell.Bash($"grep ' {vault.MountPoint} ' /proc/mounts").Succeed().Output;
        Assert.StartsWith($"a,b {vault.MountPoint} fuse.vaultfs rw,sync,dirsync,nosuid,nodev,noexec,noatime,", shown, StringComparison.Ordinal);
    }

    // Goal: with sync a write and a new name are durable when the call returns, with dirsync a new name is.
    // Method: commits come once an hour; the server is killed right after the changes.
    [Theory]
    [InlineData("sync", "echo text > f; mkdir d; mv f d/f; chmod 640 d/f; setfattr -n user.a -v 1 d/f")]
    [InlineData("dirsync", "mkdir d; touch d/x; ln d/x d/f; rm d/x; ln -s t d/s; rm d/s; chmod 640 d/f; mknod d/p p; rm d/p")]
    public void Synchronous_changes_survive_a_kill(string option, string changes)
    {
        Requires.Fuse();
        Requires.Program("setfattr");
        using TestVault vault = new();
        vault.Open("-o", option, "--set", "CommitIntervalSeconds=3600");

        vault.InMount(changes).Succeed();
        Shell.Run(["kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();
        vault.Unlock().Succeed();

        Assert.Equal(".\n./d\n./d/f\n", vault.InMount("find . | sort").Succeed().Output);
        vault.InMount(option == "sync" ? "[ $(cat d/f) = text ]; [ $(stat -c %a d/f) = 640 ]; getfattr -n user.a d/f" : "[ -f d/f ]").Succeed();
    }

    // Goal: a remount to read-only loses nothing, refuses writers and lets them in again; open files to write keep it away.
    // Method: data that only the kernel has, mount -i -o remount (without the helper of fuse3, which starts file systems anew).
    [Fact]
    public void A_remount_makes_it_read_only_and_back()
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        vault.Open("--set", "CommitIntervalSeconds=3600");
        string remount = $"mount -i {vault.MountPoint} -o remount";

        CommandResult busy = vault.InMount($"exec 3> open; {remount},ro");
        string sum = vault.InMount($"head -c 5000000 /dev/urandom > f; sha256sum f; {remount},ro").Succeed().Output;
        CommandResult refused = vault.InMount("echo more >> f");

        Assert.Contains("busy", busy.Error, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", refused.Error, StringComparison.Ordinal);
        Assert.Equal(sum, vault.InMount("sha256sum f").Succeed().Output);
        vault.InMount($"{remount},rw; echo more > g").Succeed();
        vault.LockAndUnlock();
        Assert.Equal(sum, vault.InMount("sha256sum f; [ $(cat g) = more ]").Succeed().Output);
    }

    // Goal: whoever unmounts, and however much is dirty: nothing is lost.
    // Method: data that only the kernel has, unmounted by umount and by fusermount3; the server ends by itself.
    [Theory]
    [InlineData("umount")]
    [InlineData("fusermount3 -u")]
    public void Unmounting_with_dirty_data_loses_nothing(string unmount)
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        vault.Open("--set", "CommitIntervalSeconds=3600");
        int server = vault.ServerPid();

        string sum = vault.InMount("head -c 20000000 /dev/urandom > f; mkdir d; seq 1000 | xargs -I{} touch d/{}; sha256sum f").Succeed().Output;
        Shell.Bash($"{unmount} {vault.MountPoint}; while [ -e /proc/{server}/exe ]; do sleep 0.05; done").Succeed();
        vault.Unlock().Succeed();

        Assert.Equal(sum, vault.InMount("sha256sum f; [ $(ls d | wc -l) = 1000 ]").Succeed().Output);
    }

    // Goal: df tells what can be written: free space follows the host's, and what files take.
    // Method: the host is filled and freed by 32 MiB beside the vault, then the vault itself is.
    [Fact]
    public void Free_space_follows_the_hosts()
    {
        using SmallHost host = new("128M");
        host.Vault.Open();
        long before = Available(host.Vault);

        Shell.Bash($"head -c 32M /dev/zero > {host.Path}/filler").Succeed();
        long filled = Available(host.Vault);
        File.Delete(Path.Combine(host.Path, "filler"));
        long freed = Available(host.Vault);
        host.Vault.InMount("head -c 16M /dev/urandom > f; sync f").Succeed();
        long written = Available(host.Vault);

        Assert.InRange(before, 64 << 20, 128 << 20);
        Assert.InRange(before - filled, 31 << 20, 33 << 20);
        Assert.InRange(before - freed, -(1 << 20), 1 << 20);
        Assert.InRange(before - written, 15 << 20, 20 << 20);
    }

    private static long Available(TestVault vault) => long.Parse(Shell.Bash($"df --output=avail -B1 {vault.MountPoint} | tail -n 1").Succeed().Output);
}
