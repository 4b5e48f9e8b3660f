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
}
