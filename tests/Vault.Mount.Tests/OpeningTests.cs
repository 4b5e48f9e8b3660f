using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>What unlock says of how it found the vault.</summary>
public sealed class OpeningTests
{
    // Goal: after a crash unlock says in exactly one line what it found, the log has it too; after a lock it says nothing.
    // Method: kill the server, unlock, lock, unlock.
    [Fact]
    public void A_crash_is_told_in_one_line_and_a_lock_in_none()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("echo text > file; sync file .").Succeed();
        Shell.Run(["kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();

        CommandResult afterCrash = vault.Unlock().Succeed();
        string log = File.ReadAllText(vault.List().Single().GetProperty("log").GetString()!);
        vault.Lock().Succeed();
        CommandResult afterLock = vault.Unlock().Succeed();

        Assert.Matches(
            @"\Avaultfs: The vault was not locked: opened as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(generation \d+\); everything synced by then is there\.\n\z",
            afterCrash.Error);
        Assert.Contains(afterCrash.Error["vaultfs: ".Length..].TrimEnd(), log, StringComparison.Ordinal);
        Assert.Equal("", afterLock.Error);
        Assert.Equal("text\n", File.ReadAllText(vault.Mounted("file")));
    }

    // Goal: where newer states may be lost, the vault is read-only with a warning that names what is at stake, and only
    // --accept-older-state, given at that unlock, goes on from the older state; from then on nothing more is said.
    // Method: destroy the slots of the newest state and of the one after it (docs/format/container.md), which no crash does.
    [Fact]
    public void An_older_state_is_written_to_only_by_decision()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("echo old > file").Succeed();
        vault.LockAndUnlock();
        ulong opened = vault.List().Single().GetProperty("generation").GetUInt64();
        vault.Lock().Succeed();
        foreach (ulong generation in new[] { opened, opened + 1 })
        {
            DamagedContainer.Flip(vault.Container, (32 + (long)(generation % 8)) * 4096 + 100);
        }

        CommandResult without = vault.Unlock().Succeed();
        Assert.True(vault.List().Single().GetProperty("readonly").GetBoolean());
        vault.Lock().Succeed();
        CommandResult with = vault.Unlock("--accept-older-state").Succeed();
        bool isReadOnly = vault.List().Single().GetProperty("readonly").GetBoolean();
        vault.InMount("echo new > file").Succeed();
        vault.Lock().Succeed();
        CommandResult after = vault.Unlock().Succeed();

        Assert.Matches(@"\Avaultfs: warning: What was written to the vault after .* may be lost\. It is unlocked read-only: .*--accept-older-state.*\n\z", without.Error);
        Assert.Matches(@"\Avaultfs: warning: What was written to the vault after .* may be lost\. It goes on from there\.\n\z", with.Error);
        Assert.False(isReadOnly);
        Assert.Equal("", after.Error);
        Assert.Equal("new\n", File.ReadAllText(vault.Mounted("file")));
    }
}
