using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>What the host lacks: space, the FUSE device, fusermount3.</summary>
public sealed class HostTests
{
    // Goal: a vault that does not fit is not created, and leaves nothing behind.
    // Method: a host file system that is smaller than an empty vault.
    [Fact]
    public void Create_on_a_full_host_leaves_nothing()
    {
        using SmallHost host = new("512K");
        TestVault vault = host.Vault;

        vault.Create().Fail(31, vault.Container);

        Assert.False(File.Exists(vault.Container));
    }

    // Goal: when the host is full, a program is told so, nothing that was synced is lost, and deleting makes room again.
    // Method: fill a vault on a small host until it fails; check; delete; write again; lock and unlock.
    [Fact]
    public void A_full_host_is_told_and_loses_nothing()
    {
        using SmallHost host = new("48M");
        TestVault vault = host.Vault;
        vault.Open();
        string sum = vault.InMount("head -c 5M /dev/urandom > kept; sync kept .; sha256sum kept").Succeed().Output;

        CommandResult filling = vault.InMount("for i in $(seq 100); do head -c 1M /dev/urandom > fill-$i; sync fill-$i; done");

        Assert.NotEqual(0, filling.ExitCode);
        Assert.Contains("No space left on device", filling.Error, StringComparison.Ordinal);
        Assert.Equal(sum, vault.InMount("sha256sum kept").Succeed().Output);
        vault.InMount("rm fill-*; sync .").Succeed();
        vault.InMount("head -c 8M /dev/urandom > again; sync again").Succeed();
        vault.LockAndUnlock();
        Assert.Equal(sum, vault.InMount("sha256sum kept; [ $(stat -c %s again) = 8388608 ]").Succeed().Output);
    }

    // Goal: a vault on a host that is full to the last byte can be unlocked, or says that the host is full; either way it is whole.
    // Method: fill the host beside a locked vault.
    [Fact]
    public void Unlock_on_a_full_host_works_or_says_so()
    {
        using SmallHost host = new("16M");
        TestVault vault = host.Vault;
        vault.Open();
        string sum = vault.InMount("head -c 2M /dev/urandom > kept; sha256sum kept").Succeed().Output;
        vault.Lock().Succeed();
        _ = Shell.Bash($"head -c 1G /dev/zero > {host.Path}/filler");

        CommandResult unlocked = vault.Unlock();
        if (unlocked.ExitCode != 0)
        {
            unlocked.Fail(31, vault.Container);
            File.Delete(Path.Combine(host.Path, "filler"));
            vault.Unlock().Succeed();
        }

        Assert.Equal(sum, vault.InMount("sha256sum kept").Succeed().Output);
        vault.Lock().Succeed();
    }

    // Goal: without /dev/fuse unlock says so and touches nothing.
    // Method: a mount namespace whose /dev has everything but it.
    [Fact]
    public void Without_the_fuse_device_unlock_says_so()
    {
        Requires.Root();
        Requires.PrivateMounts();
        using TestVault vault = new();
        vault.Create().Succeed();
        string hash = vault.ContainerHash();

        InPrivateMounts(vault, """
            mkdir newdev; mount -t tmpfs none newdev; ln -s /proc/self/fd newdev/fd
            for node in null zero urandom random tty; do touch newdev/$node; mount --bind /dev/$node newdev/$node; done
            mount --rbind newdev /dev
            """, []).Fail(44, "/dev/fuse");

        Assert.Equal(hash, vault.ContainerHash());
        Assert.False(vault.IsMounted());
    }

    // Goal: an ordinary user without fusermount3 learns what to install.
    // Method: a mount namespace whose /usr/bin has everything but it.
    [Fact]
    public void Without_fusermount3_an_ordinary_user_is_told_what_to_install()
    {
        Requires.Root();
        Requires.PrivateMounts();
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        vault.Create().Succeed();
        string hash = vault.ContainerHash();

        InPrivateMounts(vault, """
            mkdir real without; mount --bind /usr/bin real
            ls real | grep -v '^fusermount3\?$' | sed "s|^|$PWD/real/|" | xargs ln -s -t without
            chmod 755 real without
            mount --bind without /usr/bin
            # Where /bin is no link to it.
            [ -L /bin ] || mount --bind without /bin
            """, OrdinaryUser.Prefix).Fail(45, "fusermount3", "fuse3");

        Assert.Equal(hash, vault.ContainerHash());
        Assert.False(vault.IsMounted());
    }

    private static CommandResult InPrivateMounts(TestVault vault, string prepare, IReadOnlyList<string> prefix)
    {
        string unlock = string.Join(' ', ((string[])[.. prefix, Checkout.Launcher, "unlock", vault.Container, vault.MountPoint, "--passphrase-file", vault.PassphraseFile]).Select(Shell.Quote));
        // What the preparation prints is of no interest, and the message must come first.
        string script = $"{{ cd {Shell.Quote(vault.Directory)}; {prepare}\n}} > /dev/null 2>&1\nexec {unlock}";
        return Shell.Run(["unshare", "--mount", "--propagation", "private", "bash", "-euo", "pipefail", "-c", script], "", vault.Environment);
    }
}
