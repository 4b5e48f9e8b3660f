using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>
/// Names, attributes and permissions by the rules of Linux. The rules are C programs (Helpers/*_rules.c); they hold on the host's file
/// system too, so that a wrong expectation is found there.
/// </summary>
public sealed class MetadataTests
{
    // Goal: each rule of names, permissions, times and locks holds; what was made is kept, and neither lock nor check finds fault with it.
    // Method: many small cases on the host and in one mount, with several users; then everything that they leave behind, in a listing
    // with all attributes, before and after lock, check and unlock.
    [Fact]
    public void Rules_hold()
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("getfattr", "getfacl");
        using TestVault vault = new();
        string[] programs = Build(vault);
        _ = Directory.CreateDirectory(vault.In("host"));
        Run(programs, vault.In("host"), "");
        vault.Open("--allow-other");
        Run(programs, vault.MountPoint, "more-than-ext4");

        // No access times: listing a directory moves its own.
        const string list = "find . -printf '%i %M %n %U %G %s %T@ %C@ %B@ %p %l\\n' | LC_ALL=C sort; getfattr -Rhd -m - -e hex . | md5sum; getfacl -R . | md5sum";
        string before = vault.InMount(list).Succeed().Output;
        vault.Lock().Succeed();
        vault.Vaultfs("check", vault.Container, "--passphrase-file", vault.PassphraseFile).Succeed();
        vault.Unlock("--allow-other").Succeed();
        Assert.Equal(before, vault.InMount(list).Succeed().Output);
    }

    // Goal: they hold too where the kernel collects no writes, and owns no times.
    // Method: the same cases.
    [Fact]
    public void Rules_hold_without_writeback_cache()
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        vault.Open("--allow-other", "--no-writeback-cache");
        Run(Build(vault), vault.MountPoint, "more-than-ext4");
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

    // Goal: reading moves access times as the mount's options say, where the kernel has to ask for what is read.
    // Method: old times, then reads of what nobody has cached: a file, a directory, a symlink; by default and with noatime; O_NOATIME and chattr +A.
    [Fact]
    public void Reading_moves_access_times()
    {
        Requires.Fuse();
        Requires.Program("chattr");
        using TestVault vault = new();
        vault.Open();
        const string setBack = "touch -d 2001-01-01 file quiet flagged dir; touch -hd 2001-01-01 link";
        const string read = "cat file flagged > /dev/null; ls dir > /dev/null; readlink link > /dev/null; dd if=quiet iflag=noatime of=/dev/null status=none; stat -c '%n %x' file dir link quiet flagged | cut -d - -f 1";
        vault.InMount($"mkdir dir; touch dir/entry; for f in file quiet flagged; do head -c 10000 /dev/zero > $f; done; chattr +A flagged; ln -s file link; {setBack}").Succeed();
        vault.LockAndUnlock();
        string year = DateTimeOffset.Now.Year.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"file {year}\ndir {year}\nlink {year}\nquiet 2001\nflagged 2001\n", vault.InMount(read).Succeed().Output);
        vault.InMount(setBack).Succeed();
        vault.Lock().Succeed();
        vault.Unlock("-o", "noatime").Succeed();
        Assert.Equal("file 2001\ndir 2001\nlink 2001\nquiet 2001\nflagged 2001\n", vault.InMount(read).Succeed().Output);
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

    private static string[] Build(TestVault vault) =>
        [CompiledHelper.Build("name_rules", vault), CompiledHelper.Build("access_rules", vault), CompiledHelper.Build("lock_rules", vault)];

    // Ordinary users have to get there.
    private static void Run(string[] programs, string directory, string beyond)
    {
        Shell.Bash($"chmod 755 {Shell.Quote(Path.GetDirectoryName(directory)!)} {Shell.Quote(directory)}").Succeed();
        foreach (string program in programs)
            Shell.Run([program, directory, "", beyond]).Succeed();
    }
}
