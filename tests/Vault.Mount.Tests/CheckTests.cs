using System.Diagnostics;
using System.Text.Json;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary><c>vaultfs check</c> on vaults that are mounted and vaults that are not.</summary>
public sealed class CheckTests
{
    // Goal: a vault that was never damaged is clean, locked or not, and after a crash; a check changes nothing.
    // Method: an ordinary tree; check through the server by both paths; kill; check the container, whose hash stays.
    [Fact]
    public void A_healthy_vault_is_clean()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("mkdir -p a/b; seq 100000 > a/b/file; ln a/b/file link; ln -s a symlink; head -c 1M /dev/urandom > big; sync .").Succeed();

        foreach (string target in new[] { vault.Container, vault.MountPoint })
        {
            CommandResult mounted = vault.Vaultfs("check", target).Succeed();
            Assert.Matches(@"\AChecked 3 files and 3 directories, [\d.]+ MiB in [\d.]+ s \(generation \d+\): clean\.\n\z", mounted.Output);
            Assert.Equal("", mounted.Error);
        }

        Shell.Run(["kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();
        string hash = vault.ContainerHash();

        Assert.Contains("clean", Check(vault).Succeed().Output, StringComparison.Ordinal);

        Assert.Equal(hash, vault.ContainerHash());
        vault.Unlock().Succeed();
        vault.Lock().Succeed();
        Assert.Contains("clean", Check(vault).Succeed().Output, StringComparison.Ordinal);
    }

    // Goal: a mounted vault is checked while it is written to, without finding anything and without losing a write.
    // Method: a program that writes, renames and deletes all the time; three checks; then everything it kept is there.
    [Fact]
    public void A_mounted_vault_is_checked_while_it_is_written_to()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("head -c 32M /dev/urandom > big; seq 1000 | split -l 1 - file-").Succeed();
        using Process writing = Shell.Start(
            ["bash", "-euc", $"cd {vault.MountPoint}; i=0; while [ ! -e stop ]; do i=$((i+1)); echo $i > new; mv new kept-$((i % 50)); head -c 300K /dev/urandom > noise; rm noise; done; echo $i"],
            vault.Environment);
        try
        {
            for (int i = 0; i < 3; i++)
            {
                JsonElement report = JsonDocument.Parse(vault.Vaultfs("check", vault.Container, "--json").Succeed().Output).RootElement;
                Assert.Equal("clean", report.GetProperty("result").GetString());
                Assert.Empty(report.GetProperty("findings").EnumerateArray());
                Assert.True(report.GetProperty("checkedBytes").GetInt64() > 32 << 20);
            }
        }
        finally
        {
            File.WriteAllText(vault.Mounted("stop"), "");
        }

        int last = int.Parse(writing.StandardOutput.ReadLine()!);
        Assert.True(writing.WaitForExit(TimeSpan.FromSeconds(30)));
        vault.LockAndUnlock();
        Assert.Equal($"{last}\n", File.ReadAllText(vault.Mounted($"kept-{last % 50}")));
    }

    // Goal: damage is told by path and range of bytes, with its exit code, mounted or not, in words and as JSON, and it is told right:
    // that range cannot be read and all the rest can.
    // Method: one bit in the middle of a vault that is almost all one file. Its name would clear a terminal.
    [Fact]
    public void Damage_is_told_by_path_and_range()
    {
        const int ChunkSize = 32 * 1024;
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("mkdir photos; echo fine > rest; head -c 8M /dev/urandom | tee ../copy > $'photos/a\\e[2J.jpg'").Succeed();
        vault.Lock().Succeed();
        DamagedContainer.Flip(vault.Container, 4 << 20);

        CommandResult locked = Check(vault);
        JsonElement json = JsonDocument.Parse(Check(vault, "--json").Output).RootElement;
        vault.Unlock().Succeed();
        CommandResult mounted = vault.Vaultfs("check", vault.MountPoint);

        JsonElement finding = Assert.Single(json.GetProperty("findings").EnumerateArray());
        long offset = finding.GetProperty("offsetBytes").GetInt64();
        Assert.Equal("damaged", json.GetProperty("result").GetString());
        Assert.Equal(("file-data", @"photos/a\x1B[2J.jpg", ChunkSize), (
            finding.GetProperty("kind").GetString(), finding.GetProperty("path").GetString(), finding.GetProperty("lengthBytes").GetInt64()));
        foreach (CommandResult result in new[] { locked, mounted })
        {
            Assert.Equal(60, result.ExitCode);
            string[] lines = result.Output.Split('\n');
            Assert.Equal($@"photos/a\x1B[2J.jpg: bytes {offset}-{offset + ChunkSize - 1} unreadable", lines[0]);
            Assert.Matches(@"\AChecked 2 files and 2 directories, .*: damaged: 1 unreadable range of a file\.\z", lines[1]);
            Assert.StartsWith("vaultfs: ", result.Error, StringComparison.Ordinal);
        }

        vault.InMount($"""
            cmp -n {offset} photos/a* ../copy
            cmp -i {offset + ChunkSize} photos/a* ../copy
            for block in $(seq {offset / 4096} {(offset + ChunkSize) / 4096 - 1}); do ! dd if=$(echo photos/a*) of=/dev/null bs=4096 skip=$block count=1 iflag=direct 2> /dev/null; done
            grep -q fine rest
            """).Succeed();
    }

    // Goal: a repair mends what can be, says what it did, removes nothing, and leaves a vault that unlocks as if nothing had been; lost data
    // stays told until it is overwritten. It does not touch a mounted vault.
    // Method: damage one header copy and the content of a large file; check, repair, unlock, overwrite, check.
    [Fact]
    public void A_repaired_vault_unlocks_and_lost_data_can_be_overwritten()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("echo fine > rest; head -c 8M /dev/urandom | tee ../copy > big").Succeed();
        vault.Vaultfs("check", vault.MountPoint, "--repair").Fail(24, vault.MountPoint, "Lock it first");
        vault.Lock().Succeed();
        HeaderPatch.Damage(vault.Container, 1);
        CommandResult onlyCopy = Check(vault);
        DamagedContainer.Flip(vault.Container, 4 << 20);

        CommandResult repaired = Check(vault, "--repair");
        CommandResult again = Check(vault, "--repair", "--json");
        CommandResult unlocked = vault.Unlock().Succeed();
        vault.InMount("grep -q fine rest; ! cat big > /dev/null 2>&1; dd if=../copy of=big bs=64K conv=notrunc status=none; cmp big ../copy").Succeed();
        vault.Lock().Succeed();

        Assert.Equal((61, 60, 60), (onlyCopy.ExitCode, repaired.ExitCode, again.ExitCode));
        Assert.Matches(@"big: bytes \d+-\d+ unreadable\n(.*\n)+Checked 2 files and 1 directory, .*: damaged: 1 unreadable range of a file\.\n\z", repaired.Output);
        Assert.NotEmpty(JsonDocument.Parse(again.Output).RootElement.GetProperty("actions").EnumerateArray());
        Assert.Equal("", unlocked.Error);
        Assert.Contains("clean", Check(vault).Succeed().Output, StringComparison.Ordinal);
    }

    // Goal: Ctrl-C ends a check of a mounted vault with its code and a whole JSON object; a second check meanwhile is refused; a lock
    // does not wait for a check whose client does not listen.
    // Method: a vault with a thousand damaged ranges: more than goes through pipe and socket while nobody reads what the check prints.
    [Fact]
    public void A_check_that_nobody_reads_can_be_interrupted_and_does_not_hold_up_a_lock()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("head -c 64M /dev/urandom > big").Succeed();
        vault.Lock().Succeed();
        DamagedContainer.FlipEvery(vault.Container, 2 << 20, 62 << 20, 64 * 1024);
        vault.Unlock().Succeed();

        using Process interrupted = StartCheckAndStall(vault);
        vault.Vaultfs("check", vault.MountPoint).Fail(64, vault.MountPoint);
        Shell.Run(["kill", "-INT", $"{interrupted.Id}"]).Succeed();
        string json = FirstLines + interrupted.StandardOutput.ReadToEnd();
        Assert.True(interrupted.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(62, interrupted.ExitCode);
        Assert.Equal("cancelled", JsonDocument.Parse(json).RootElement.GetProperty("result").GetString());

        using Process stuck = StartCheckAndStall(vault);
        vault.Lock().Succeed();
        _ = stuck.StandardOutput.ReadToEnd();
        Assert.True(stuck.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(62, stuck.ExitCode);
        Assert.Contains("was locked", stuck.StandardError.ReadToEnd(), StringComparison.Ordinal);
    }

    private const string FirstLines = "{\n  \"findings\": [\n";

    // Returns when the check has found something; what it prints then is not read any more.
    private static Process StartCheckAndStall(TestVault vault)
    {
        Process check = Shell.Start([.. vault.Program, "check", vault.MountPoint, "--json"], vault.Environment);
        char[] start = new char[FirstLines.Length];
        Assert.Equal(start.Length, check.StandardOutput.ReadBlock(start));
        Assert.Equal(FirstLines, new string(start));
        return check;
    }

    private static CommandResult Check(TestVault vault, params string[] options) =>
        vault.Vaultfs(["check", vault.Container, "--passphrase-file", vault.PassphraseFile, .. options]);
}
