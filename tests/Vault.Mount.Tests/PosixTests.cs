using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>The rules of POSIX and Linux (tests/Vault.Posix), one small case each.</summary>
public sealed class PosixTests
{
    // Goal: every rule holds in a vault, whoever collects writes; what the cases made is kept, and neither lock nor check finds fault with it.
    // Method: the suite as root in a mount that lets others in, as cases act as several users; then all that they leave behind in a
    // listing with every attribute, before and after lock, check and unlock.
    [Theory]
    [InlineData("true", "--no-holes")]
    [InlineData("false")]
    public void Every_rule_holds_in_a_vault(string writebackCache, params string[] suiteOptions)
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("getfattr", "chattr");
        using TestVault vault = new();
        vault.Open("--allow-other", "--set", $"WritebackCache={writebackCache}");

        // Opening is refused by flags from the first unlock on after the vault has had any.
        vault.InMount("mkdir d; touch d/f; chattr +i d/f; chattr -i d/f; rm -r d").Succeed();
        vault.LockAndUnlock("--allow-other", "--set", $"WritebackCache={writebackCache}");

        PosixSuite.Run(vault.MountPoint, "", suiteOptions);

        // No access times: listing a directory moves its own. With the writeback cache the kernel keeps a file's change time where chattr has set it.
        string changes = writebackCache == "true" ? "! -type f -printf '%C@ %p\\n'" : "-printf '%C@ %p\\n'";
        string list = $"find . -maxdepth 4 -printf '%i %M %n %U %G %s %T@ %p %l\\n' {changes} | LC_ALL=C sort; find . -maxdepth 3 -print0 | LC_ALL=C sort -z | xargs -0 getfattr -hd -m - -e hex | md5sum";
        string before = vault.InMount(list).Succeed().Output;
        vault.Lock().Succeed();
        vault.Vaultfs("check", vault.Container, "--passphrase-file", vault.PassphraseFile).Succeed();
        vault.Unlock("--allow-other").Succeed();
        Assert.Equal(before, vault.InMount(list).Succeed().Output);
    }

    // Goal: the rules are those of Linux: what is expected of a vault is what a local file system does.
    // Method: the suite in a plain directory.
    [Fact]
    public void Every_rule_holds_in_a_plain_directory()
    {
        Requires.Root();
        using TestVault vault = new();

        PosixSuite.Run(Directory.CreateDirectory(vault.In("plain")).FullName);
    }
}
