using System.Globalization;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>What a vault takes of its host, by <c>du</c>.</summary>
public sealed class SpaceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Goal: what is deleted in a mounted vault comes back to the host by itself, and a locked one takes little more than its content.
    // Method: 200 MB come and go, beside some that stay; du is asked until it falls, then again after a lock.
    [Fact]
    public void Deleted_space_comes_back_to_the_host()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        string sum = vault.InMount("head -c 3000000 /dev/urandom > kept; head -c 200000000 /dev/urandom > big; sync big kept; sha256sum kept").Succeed().Output;
        Assert.InRange(AllocatedBytes(vault.Container), 203_000_000, 240_000_000);

        vault.InMount("rm big").Succeed();

        Assert.True(SpinWait.SpinUntil(() => AllocatedBytes(vault.Container) < 20_000_000, Patience), $"{AllocatedBytes(vault.Container)} bytes are still taken.");
        vault.LockAndUnlock();
        Assert.InRange(AllocatedBytes(vault.Container), 3_000_000, 6_000_000);
        Assert.Equal(sum, vault.InMount("sha256sum kept").Succeed().Output);
        vault.Lock().Succeed();
    }

    // Goal: a locked vault with a typical tree takes at most 2 % more than its files' sizes, rounded up to blocks.
    // Method: 4,000 random files in 80 directories, sizes from 100 bytes to 300 KB with a median of 5 KB, as programs' sources and
    // documents have; du of the container against the sum.
    [Fact]
    public void A_typical_tree_costs_at_most_two_percent()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        const string Fill = """
            my $sum = 0; srand 1; open my $random, "<:raw", "/dev/urandom" or die;
            for my $d (1 .. 80) {
              mkdir "d$d" or die "mkdir: $!";
              for my $f (1 .. 50) {
                my $size = int(100 * exp(rand() * log(3000)));
                read($random, my $data, $size) == $size or die;
                open my $file, ">:raw", "d$d/file-$f.txt" or die "open: $!";
                print $file $data or die "write: $!";
                close $file or die "close: $!";
                $sum += 4096 * int(($size + 4095) / 4096);
              }
            }
            print "$sum\n";
            """;
        long sum = long.Parse(vault.InMount($"perl -e {Shell.Quote(Fill)}").Succeed().Output, CultureInfo.InvariantCulture);
        vault.Lock().Succeed();

        Assert.InRange(AllocatedBytes(vault.Container), sum / 2, sum + (sum / 50));
    }

    // Goal: on a host that is full to the last byte, everything that was synced is there, deleting works, and what it frees can be
    // written again. Nothing is corrupt.
    // Method: fill a vault on a host of 64 MiB; delete some and lock, so that space goes back; another file takes all of that; then
    // unlock, compare, delete and write.
    [Fact]
    public void A_host_full_to_the_last_byte_loses_nothing()
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        string host = vault.In("host");
        Shell.Bash($"mkdir {host}; mount -t tmpfs -o size=64M none {host}").Succeed();
        try
        {
            string container = Path.Combine(host, "full.vault");
            vault.Vaultfs(["create", container, "--passphrase-file", vault.PassphraseFile, .. TestVault.CheapKeySlot]).Succeed();
            Unlock(vault, container);
            string sum = vault.InMount("head -c 5M /dev/urandom > kept; sync kept .; sha256sum kept").Succeed().Output;
            CommandResult filling = vault.InMount("for i in $(seq 100); do head -c 1M /dev/urandom > fill-$i && sync fill-$i && echo fill-$i; done");
            Assert.Contains("No space left on device", filling.Error, StringComparison.Ordinal);
            string sumOfSynced = "sha256sum " + string.Join(' ', filling.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            string synced = vault.InMount(sumOfSynced).Succeed().Output;
            Assert.Contains("fill-9", synced, StringComparison.Ordinal);
            vault.InMount("sync .").Succeed();
            vault.Lock().Succeed();
            Unlock(vault, container);
            Assert.Equal(synced, vault.InMount(sumOfSynced).Succeed().Output);
            vault.InMount("rm fill-1*; sync .").Succeed();
            vault.Lock().Succeed();

            _ = Shell.Bash($"cat /dev/zero > {host}/filler");
            Assert.Equal("0", Shell.Bash($"stat -f -c %a {host}").Succeed().Output.Trim());
            Unlock(vault, container);
            Assert.Equal(sum, vault.InMount("sha256sum kept").Succeed().Output);
            vault.InMount("rm fill-*; sync .; sync .").Succeed();
            vault.InMount("head -c 8M /dev/urandom > again; sync again").Succeed();
            vault.Lock().Succeed();
            Unlock(vault, container);
            Assert.Equal(sum, vault.InMount("[ $(stat -c %s again) = 8388608 ]; sha256sum kept").Succeed().Output);
            vault.Lock().Succeed();
        }
        finally
        {
            _ = vault.Lock();
            Shell.Bash($"umount {host}").Succeed();
        }
    }

    private static void Unlock(TestVault vault, string container) =>
        vault.Vaultfs("unlock", container, vault.MountPoint, "--passphrase-file", vault.PassphraseFile).Succeed();

    private static long AllocatedBytes(string path) =>
        long.Parse(Shell.Bash($"du -B1 {Shell.Quote(path)} | cut -f1").Succeed().Output, CultureInfo.InvariantCulture);
}
