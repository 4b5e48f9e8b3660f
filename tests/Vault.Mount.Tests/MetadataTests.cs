using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>What inodes keep over lock and unlock, and what takes more than a program in a directory to show.</summary>
public sealed class MetadataTests
{
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

    // Goal: what chattr sets is obeyed, by root too, and shown by lsattr; in the mount in which a vault has its first such file, by what is open.
    // Method: the suite's cases of open files there; flags over lock and unlock. All other cases: PosixTests.
    [Fact]
    public void Flags_are_obeyed()
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("chattr");
        using TestVault vault = new();
        vault.Open("--allow-other");
        vault.InMount("mkdir first").Succeed();
        PosixSuite.Run(vault.Mounted("first"), "inode flags, open files");
        vault.InMount("echo kept > kept; echo log > log; mkdir dir; chattr +i kept; chattr +a log; chattr +dA dir; lsattr -d kept log dir").Succeed();
        vault.Lock().Succeed();
        vault.Unlock("--allow-other").Succeed();

        Assert.Equal(
            "----i----------------- kept\n-----a---------------- log\n------dA-------------- dir\n",
            vault.InMount("lsattr -d kept log dir").Succeed().Output);
        vault.InMount("""
            ! echo changed > kept 2> /dev/null; ! echo changed >> kept 2> /dev/null; ! rm -f kept 2> /dev/null; [ "$(cat kept)" = kept ]
            ! echo changed > log 2> /dev/null; echo more >> log; [ "$(cat log)" = "$(printf 'log\nmore')" ]
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
}
