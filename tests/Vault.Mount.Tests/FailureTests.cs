using System.Globalization;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>
/// What goes wrong has its own exit code (docs/cli.md), a message that names the path, and changes nothing: neither the
/// container nor the files around it.
/// </summary>
public sealed class FailureTests
{
    [Fact]
    public void A_wrong_passphrase_opens_nothing()
    {
        using TestVault vault = NewVault();
        File.WriteAllText(vault.In("wrong"), TestVault.Passphrase + " ");

        Unchanged(vault, () => vault.Vaultfs("unlock", vault.Container, vault.MountPoint, "--passphrase-file", vault.In("wrong"))
            .Fail(10, "wrong passphrase", vault.Container));
    }

    // Goal: a keyfile where a passphrase is needed, and the other way round, is told apart from a wrong one.
    // Method: each kind of vault with each kind of credential.
    [Fact]
    public void Each_kind_of_credential_opens_its_kind_of_vault_only()
    {
        Requires.Fuse();
        using TestVault vault = new();
        File.WriteAllText(vault.In("key"), "the content of a keyfile");
        File.WriteAllText(vault.In("other"), "the content of another keyfile");
        string[][] credentials = [["--passphrase-file", vault.PassphraseFile], ["--keyfile", vault.In("key")], ["--passphrase-file", vault.PassphraseFile, "--keyfile", vault.In("key")]];

        foreach (string[] made in credentials)
        {
            vault.Vaultfs(["create", vault.Container, .. TestVault.CheapKeySlot, .. made]).Succeed();
            foreach (string[] used in credentials)
            {
                CommandResult unlocked = vault.Vaultfs(["unlock", vault.Container, vault.MountPoint, .. used]);
                if (made == used)
                {
                    unlocked.Succeed();
                    vault.Lock().Succeed();
                }
                else
                {
                    unlocked.Fail(11, vault.Container);
                }
            }

            if (made.Contains("--keyfile"))
            {
                vault.Vaultfs(["unlock", vault.Container, vault.MountPoint, .. made.Select(word => word == vault.In("key") ? vault.In("other") : word)]).Fail(10, "keyfile");
            }

            File.Delete(vault.Container);
        }
    }

    // Goal: one damaged copy of the header is told and got over.
    // Method: flip a bit in each copy in turn; info shows it, unlock warns and works, and the data is there.
    [Theory]
    [InlineData(0, "first", "\"a\": \"damaged\"")]
    [InlineData(1, "second", "\"b\": \"damaged\"")]
    public void A_damaged_header_copy_is_replaced_by_the_other(int copyIndex, string named, string shown)
    {
        using TestVault vault = NewVault();
        HeaderPatch.Damage(vault.Container, copyIndex);

        Assert.Contains(shown, vault.Vaultfs("info", vault.Container, "--json").Succeed().Output, StringComparison.Ordinal);
        CommandResult unlocked = vault.Unlock().Succeed();

        Assert.Contains($"warning: {vault.Container}: The {named} copy of the header is damaged", unlocked.Error, StringComparison.Ordinal);
        Assert.Equal("kept\n", File.ReadAllText(vault.Mounted("file")));
    }

    [Fact]
    public void Two_damaged_header_copies_are_the_end()
    {
        using TestVault vault = NewVault();
        HeaderPatch.Damage(vault.Container, 0);
        HeaderPatch.Damage(vault.Container, 1);

        Unchanged(vault, () => vault.Unlock().Fail(27, "header", vault.Container));
        vault.Vaultfs("info", vault.Container).Fail(27, vault.Container);
    }

    // Goal: what is no vault is not opened, and not written to.
    // Method: an empty file, text, random bytes, a directory, nothing.
    [Theory]
    [InlineData(": > {0}", 23)]
    [InlineData("seq 100000 > {0}", 23)]
    [InlineData("head -c 1M /dev/urandom > {0}", 23)]
    [InlineData("mkdir {0}", 23)]
    [InlineData("true", 20)]
    public void What_is_no_vault_is_refused(string make, int code)
    {
        Requires.Fuse();
        using TestVault vault = new();
        Shell.Bash(string.Format(CultureInfo.InvariantCulture, make, vault.Container)).Succeed();

        Unchanged(vault, () => vault.Unlock().Fail(code, vault.Container));
        vault.Vaultfs("info", vault.Container).Fail(code, vault.Container);
    }

    // Goal: a vault that was cut off is recognised, wherever it was cut.
    // Method: half of it; just its header; the last block missing.
    [Theory]
    [InlineData("$((size / 2))")]
    [InlineData("$((size - 4096))")]
    [InlineData("$((200 * 1024))")]
    [InlineData("4096")]
    public void A_truncated_vault_is_refused(string length)
    {
        using TestVault vault = NewVault();
        vault.Unlock().Succeed();
        vault.InMount("head -c 5M /dev/urandom > data").Succeed();
        vault.Lock().Succeed();
        Shell.Bash($"size=$(stat -c %s {vault.Container}); truncate -s {length} {vault.Container}").Succeed();

        Unchanged(vault, () => vault.Unlock().Fail(29, vault.Container));
    }

    [Fact]
    public void An_unknown_format_version_is_refused()
    {
        using TestVault vault = NewVault();
        HeaderPatch.SetVersion(vault.Container, 2);

        Unchanged(vault, () => vault.Unlock().Fail(25, "version", vault.Container));
        vault.Vaultfs("info", vault.Container).Fail(25, vault.Container);
    }

    // Goal: a vault has one writer; who comes second learns who is first, before a passphrase is asked for.
    // Method: unlock at a second mount point; also while it is held by a read-only server.
    [Theory]
    [InlineData("", "")]
    [InlineData("--read-only", "")]
    [InlineData("", "--read-only")]
    public void A_vault_in_use_names_its_server(string first, string second)
    {
        using TestVault vault = NewVault();
        vault.Unlock([.. Words(first)]).Succeed();
        string other = Directory.CreateDirectory(vault.In("other")).FullName;
        int server = vault.ServerPid();

        vault.Vaultfs(["unlock", vault.Container, other, .. Words(second)]).Fail(24, vault.Container, $"{server}", vault.MountPoint);

        Assert.Equal("kept\n", File.ReadAllText(vault.Mounted("file")));
    }

    // Goal: also a process that is no server of ours is named.
    // Method: flock(1) holds the container.
    [Fact]
    public void A_vault_locked_by_another_program_names_it()
    {
        Requires.Program("flock");
        using TestVault vault = NewVault();
        using System.Diagnostics.Process holder = Shell.Start(["flock", vault.Container, "-c", "echo ready; read line"]);
        Assert.Equal("ready", holder.StandardOutput.ReadLine());

        CommandResult unlocked = vault.Unlock();
        holder.StandardInput.WriteLine();
        holder.WaitForExit();

        unlocked.Fail(24, vault.Container, $"{holder.Id}");
    }

    [Theory]
    [InlineData("rmdir {0}", 40)]
    [InlineData("rmdir {0}; echo text > {0}", 41)]
    [InlineData("echo text > {0}/file", 42)]
    [InlineData("mkdir {0}/sub", 42)]
    public void An_unfit_mount_point_is_refused_before_a_passphrase_is_asked_for(string make, int code)
    {
        using TestVault vault = NewVault();
        Shell.Bash(string.Format(CultureInfo.InvariantCulture, make, vault.MountPoint)).Succeed();

        // Neither a passphrase option nor a terminal: asking would be another failure.
        Unchanged(vault, () => Shell.Run(["setsid", Checkout.Launcher, "unlock", vault.Container, vault.MountPoint], "", vault.Environment).Fail(code, vault.MountPoint));
    }

    [Fact]
    public void A_mount_point_in_use_is_refused()
    {
        using TestVault vault = NewVault();
        vault.Unlock().Succeed();
        string other = vault.In("other.vault");
        vault.Vaultfs(["create", other, "--passphrase-file", vault.PassphraseFile, .. TestVault.CheapKeySlot]).Succeed();

        vault.Vaultfs("unlock", other, vault.MountPoint, "--passphrase-file", vault.PassphraseFile).Fail(43, vault.MountPoint, vault.Container);

        Assert.Equal("kept\n", File.ReadAllText(vault.Mounted("file")));
    }

    [Fact]
    public void Create_overwrites_nothing()
    {
        using TestVault vault = NewVault();

        Unchanged(vault, () => vault.Create().Fail(21, vault.Container));
        vault.Vaultfs("create", vault.In("missing/vault"), "--passphrase-file", vault.PassphraseFile).Fail(20, vault.In("missing"));
    }

    [Fact]
    public void A_file_without_permission_is_refused()
    {
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Create().Succeed();
        Shell.Bash($"chmod 000 {vault.Container}").Succeed();

        vault.Unlock().Fail(22, vault.Container);
        vault.Vaultfs("info", vault.Container).Fail(22, vault.Container);
    }

    [Fact]
    public void A_passphrase_that_cannot_be_had_is_refused()
    {
        using TestVault vault = NewVault();
        File.WriteAllText(vault.In("empty"), "\n");

        Unchanged(vault, () =>
        {
            vault.Vaultfs("unlock", vault.Container, vault.MountPoint, "--passphrase-file", vault.In("missing")).Fail(4, vault.In("missing"));
            vault.Vaultfs("unlock", vault.Container, vault.MountPoint, "--passphrase-file", vault.In("empty")).Fail(4, "empty");
            vault.Vaultfs("unlock", vault.Container, vault.MountPoint, "--passphrase-fd", "77").Fail(4, "77");
            Shell.Run(["setsid", Checkout.Launcher, "unlock", vault.Container, vault.MountPoint], "", vault.Environment).Fail(4, "terminal");
        });
    }

    [Fact]
    public void A_broken_configuration_is_refused()
    {
        using TestVault vault = NewVault();
        string file = vault.In("config/vaultfs/config.json");
        _ = Directory.CreateDirectory(vault.In("config/vaultfs"));
        File.WriteAllText(file, """{ "AllowOthers": true }""");

        Unchanged(vault, () => vault.Unlock().Fail(3, file, "AllowOthers"));
        vault.Unlock("--set", "Threads=1").Fail(3, file);
        File.Delete(file);
        vault.Unlock("--set", "Threads=1000").Fail(3, "Threads", "command line");
    }

    [Fact]
    public void Lock_of_what_is_not_mounted_is_refused()
    {
        using TestVault vault = NewVault();

        vault.Lock().Fail(51, vault.MountPoint);
        vault.Vaultfs("lock", vault.Container).Fail(51, vault.Container);
        vault.Vaultfs("lock", vault.In("nothing")).Fail(51, vault.In("nothing"));
        vault.Vaultfs("lock", "/").Fail(51);
    }

    private static TestVault NewVault()
    {
        Requires.Fuse();
        TestVault vault = new();
        vault.Open();
        vault.InMount("echo kept > file").Succeed();
        vault.Lock().Succeed();
        return vault;
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Holds the container and all that lies around it against what they were before; the log alone may grow.</summary>
    private static void Unchanged(TestVault vault, Action action)
    {
        string listing = $"cd {vault.Directory} && find . -path ./state -prune -o -type f -exec sha256sum {{}} + -o -printf '%p %y %m\\n' | sort";
        string before = Shell.Bash(listing).Succeed().Output;
        action();
        Assert.False(vault.IsMounted());
        Assert.Equal(before, Shell.Bash(listing).Succeed().Output);
    }
}
