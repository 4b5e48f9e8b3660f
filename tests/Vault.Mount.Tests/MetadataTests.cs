using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>
/// Names, attributes and permissions by the rules of Linux. The rules are C programs (Helpers/*_rules.c); they hold on the host's file
/// system too, so that a wrong expectation is found there.
/// </summary>
public sealed class MetadataTests
{
    // Goal: each rule of names, permissions and times holds, whoever collects writes.
    // Method: many small cases in one mount, with and without the writeback cache; several users; the same cases on the host.
    [Theory]
    [InlineData("mount")]
    [InlineData("mount without writeback cache")]
    [InlineData("host")]
    public void Rules_hold(string where)
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        string[] programs = [CompiledHelper.Build("name_rules", vault), CompiledHelper.Build("access_rules", vault), CompiledHelper.Build("lock_rules", vault)];
        string directory = vault.In("host");
        if (where == "host")
            _ = Directory.CreateDirectory(directory);
        else
            vault.Open(where == "mount" ? ["--allow-other"] : ["--allow-other", "--no-writeback-cache"]);
        if (where != "host")
            directory = vault.MountPoint;
        string beyond = where == "host" ? "" : "more-than-ext4";

        // Ordinary users have to get there.
        Shell.Bash($"chmod 755 {Shell.Quote(vault.Directory)} {Shell.Quote(directory)}").Succeed();
        foreach (string program in programs)
            Shell.Run([program, directory, "", beyond]).Succeed();
    }

    // Goal: what was made is kept, and neither lock nor check finds anything wrong with it.
    // Method: everything that the rules leave behind, in a listing with all attributes; lock, check, unlock, the same listing.
    [Fact]
    public void What_the_rules_made_is_kept()
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("getfattr", "getfacl");
        using TestVault vault = new();
        vault.Open("--allow-other");
        Shell.Bash($"chmod 755 {Shell.Quote(vault.Directory)} {Shell.Quote(vault.MountPoint)}").Succeed();
        foreach (string helper in new[] { "name_rules", "access_rules" })
            Shell.Run([CompiledHelper.Build(helper, vault), vault.MountPoint, "", "more-than-ext4"]).Succeed();

        // No access times: listing a directory moves its own.
        const string list = "find . -printf '%i %M %n %U %G %s %T@ %C@ %B@ %p %l\\n' | LC_ALL=C sort; getfattr -Rhd -m - -e hex . | md5sum; getfacl -R . | md5sum";
        string before = vault.InMount(list).Succeed().Output;
        vault.Lock().Succeed();
        vault.Vaultfs("check", vault.Container, "--passphrase-file", vault.PassphraseFile).Succeed();
        vault.Unlock("--allow-other").Succeed();
        Assert.Equal(before, vault.InMount(list).Succeed().Output);
    }

    // Goal: a file without a name leaves nothing behind, even if the server dies while it is open; one that got a name stays.
    // Method: make both, sync, kill -9 of the server; the vault is whole and has room again.
    [Fact]
    public void Unnamed_files_go_away()
    {
        Requires.Fuse();
        using TestVault vault = new();
        string program = CompiledHelper.Build("unnamed_files", vault);
        vault.Open();
        vault.InMount($"{program} {vault.ServerPid()}").Succeed();
        vault.Unlock().Succeed();
        Assert.Equal("kept\n300000\n", vault.InMount("ls -A; stat -c %s kept").Succeed().Output);

        // Deleting goes on in the background: the lock waits for what was begun, and a check finds the vault whole.
        vault.LockAndUnlock();
        vault.Lock().Succeed();
        vault.Vaultfs("check", vault.Container, "--passphrase-file", vault.PassphraseFile).Succeed();
    }

    // Goal: what chattr sets is obeyed, by root too, and shown by lsattr.
    // Method: the rules in the mount in which the first flag is set, where only what is open before counts, and in a later one, where all
    // does; on the host; flags over lock and unlock.
    [Fact]
    public void Flags_are_obeyed()
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("chattr");
        using TestVault vault = new();
        string rules = CompiledHelper.Build("flag_rules", vault);
        Shell.Bash($"chmod 755 {Shell.Quote(vault.Directory)}; mkdir {vault.In("host")}").Succeed();
        Shell.Run([rules, vault.In("host")]).Succeed();
        vault.Open("--allow-other");
        vault.InMount($"chmod 755 .; mkdir first; {rules} $PWD/first '' opened-before").Succeed();
        vault.InMount("echo kept > kept; echo log > log; mkdir dir; chattr +i kept; chattr +a log; chattr +dA dir; lsattr -d kept log dir").Succeed();
        vault.Lock().Succeed();
        vault.Unlock("--allow-other").Succeed();

        Assert.Equal(
            "----i----------------- kept\n-----a---------------- log\n------dA-------------- dir\n",
            vault.InMount("lsattr -d kept log dir").Succeed().Output);
        vault.InMount($"""
            ! echo changed > kept 2> /dev/null; ! echo changed >> kept 2> /dev/null; ! rm -f kept 2> /dev/null; [ "$(cat kept)" = kept ]
            ! echo changed > log 2> /dev/null; echo more >> log; [ "$(cat log)" = "$(printf 'log\nmore')" ]
            mkdir second; {rules} $PWD/second
            chattr -i kept; chattr -a log; rm kept log
            """).Succeed();
        vault.Lock().Succeed();
        vault.Vaultfs("check", vault.Container, "--passphrase-file", vault.PassphraseFile).Succeed();
    }

    // Goal: handles of files stay good for as long as the file, over lock and unlock; a deleted file's is stale.
    // Method: take them in one mount, use them in the next one, where the kernel knows nothing of these files.
    [Fact]
    public void File_handles_stay_good()
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        string program = CompiledHelper.Build("file_handles", vault);
        string handles = vault.In("handles");
        vault.Open();
        vault.InMount($"mkdir sub; echo handle > sub/file; {program} save . {handles}; {program} open . {handles}").Succeed();
        vault.LockAndUnlock();
        vault.InMount($"{program} open . {handles}; rm sub/file; {program} gone . {handles}").Succeed();
        vault.LockAndUnlock();
        vault.InMount($"{program} gone . {handles}").Succeed();
    }
}
