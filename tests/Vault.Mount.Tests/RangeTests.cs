using System.Globalization;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>Clones, holes, and what is durable when a call returns. The rules themselves are in tests/Vault.Posix.</summary>
public sealed class RangeTests(ITestOutputHelper output)
{
    // Goal: 'cp --reflink=auto' of a large file takes no space and no time for data; clone and source live on apart, across a
    // lock; deleting both gives all back.
    // Method: du of the container; parts of both overwritten, cut and punched, compared with copies outside.
    [Fact]
    public void A_copy_of_a_large_file_is_a_clone()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("head -c 150M /dev/urandom > ../data; cp ../data source; sync source").Succeed();
        long before = AllocatedKib(vault);
        vault.InMount("cp --reflink=auto source clone; sync clone; cmp ../data clone").Succeed();
        Assert.InRange(AllocatedKib(vault) - before, long.MinValue, 8 << 10);

        vault.InMount("""
            dd if=/dev/zero of=clone bs=1000 seek=7 count=900 conv=notrunc status=none
            fallocate --punch-hole --offset 50000000 --length 3000000 source
            cp ../data changed; cp ../data punched
            dd if=/dev/zero of=changed bs=1000 seek=7 count=900 conv=notrunc status=none
            dd if=/dev/zero of=punched bs=1000 seek=50000 count=3000 conv=notrunc status=none
            cmp changed clone; cmp punched source
            truncate --size 77777777 source
            """).Succeed();
        vault.LockAndUnlock();
        vault.InMount("cmp changed clone; cmp --bytes=77777777 punched source; rm source; cp clone again; rm clone; cmp changed again").Succeed();
        vault.InMount("rm *; sync .").Succeed();
        vault.Lock().Succeed();
        Assert.Contains("clean", vault.Vaultfs("check", vault.Container, "--passphrase-file", vault.PassphraseFile).Succeed().Output, StringComparison.Ordinal);
        Assert.InRange(AllocatedKib(vault), 0, 24 << 10);
    }

    // Goal: sparse files stay sparse through a lock and a copy, and holes are told to programs where the kernel lets us know of all data.
    // Method: 8 TiB with a few KiB of data; cp within the vault, and out of it with the writeback cache off, when it finds the holes by SEEK_HOLE.
    [Fact]
    public void Sparse_files_keep_their_holes()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("""
            truncate --size 8T huge
            for at in 0 3000000000 8000000000000; do echo "at $at" | dd of=huge bs=1 seek=$at conv=notrunc status=none; done
            truncate --size 8T huge
            head -c 3M /dev/urandom > data
            fallocate --punch-hole --offset 1M --length 1M data
            """).Succeed();
        vault.Lock().Succeed();
        vault.Unlock("--no-writeback-cache").Succeed();
        vault.InMount("""
            [ "$(stat -c %s huge)" = $((8 << 40)) ] && [ "$(stat -c %b huge)" -le 256 ]
            [ "$(stat -c %b data)" = 4096 ]
            cp --sparse=auto huge copy
            [ "$(stat -c %s copy)" = $((8 << 40)) ] && [ "$(stat -c %b copy)" -le 256 ]
            [ "$(dd if=copy bs=1 skip=8000000000000 count=16 status=none)" = "at 8000000000000" ]
            cp --sparse=auto data ../data
            cmp data ../data
            [ "$(stat -c %b ../data)" -le 4200 ]
            """).Succeed();
    }

    // Goal: a file may have 2^53 bytes and not one more; the error is EFBIG.
    [Fact]
    public void The_largest_file_is_as_documented()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("truncate --size 8P f; [ $(stat -c %s f) = 9007199254740992 ]").Succeed();
        foreach (string tooLarge in (string[])["truncate --size 9007199254740993 f", "fallocate --length 9007199254740993 f", "echo x | dd of=f bs=1 seek=9007199254740992 conv=notrunc,fsync"])
            Assert.Contains("File too large", vault.InMount(tooLarge).Error, StringComparison.Ordinal);
        vault.LockAndUnlock(); // until then the kernel shows the size of what it could not write back
        Assert.Equal("9007199254740992", vault.InMount("stat -c %s f").Succeed().Output.Trim());
    }

    // Goal: what a write with O_SYNC or O_DSYNC returned for survives the server, with O_DIRECT and without; so does what another
    // process appended, synced by itself.
    // Method: dd with each flag, then kill -9 of the server at once; the vault is opened again and compared.
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Synchronous_writes_are_durable_on_return(string writebackCache)
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open("--set", $"WritebackCache={writebackCache}", "--set", "CommitIntervalSeconds=3600");
        vault.InMount("""
            head -c 1M /dev/urandom > ../data
            for flag in sync dsync direct,sync direct,dsync append,sync; do
              rm -f file-$flag; : > file-$flag
              dd if=../data of=file-$flag bs=64k oflag=$flag conv=notrunc status=none
            done
            """).Succeed();
        int server = vault.ServerPid();
        Shell.Run(["kill", "-KILL", server.ToString(CultureInfo.InvariantCulture)]).Succeed();
        vault.Unlock().Succeed();
        string found = vault.InMount("for file in file-*; do cmp ../data $file; done; ls").Succeed().Output;
        Assert.Equal(5, found.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    // Goal: so does what was allocated and copied through descriptors with O_SYNC and O_DSYNC that made their files, as on ext4.
    // Method: a C program, then kill -9 of the server at once.
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Synchronous_ranges_are_durable_on_return(string writebackCache)
    {
        Requires.Fuse();
        using TestVault vault = new();
        string program = CompiledHelper.Build("synced_ranges", vault);
        vault.Open("--set", $"WritebackCache={writebackCache}", "--set", "CommitIntervalSeconds=3600");
        vault.InMount($"head -c 1M /dev/urandom > source; sync source; {program} allocated source copy").Succeed();
        Shell.Run(["kill", "-KILL", vault.ServerPid().ToString(CultureInfo.InvariantCulture)]).Succeed();
        vault.Unlock().Succeed();
        Assert.Equal("100000\n", vault.InMount("cmp source copy && stat -c %s allocated").Succeed().Output);
    }

    // Goal: whatever programs do to files, a vault answers as a plain directory beside it does, through locks, with the kernel collecting
    // writes and without.
    // Method: tests/posix-stress.sh: several processes, seeded.
    [Fact]
    public void Random_operations_match_a_plain_directory()
    {
        Requires.Fuse();
        CommandResult result = Shell.Run(
            [Path.Combine(Checkout.Root, "tests", "posix-stress.sh"), "--program", Path.Combine(AppContext.BaseDirectory, "Vault.PosixStress"), "--seconds", "20"]);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("clean", result.Output, StringComparison.Ordinal);
    }

    private static long AllocatedKib(TestVault vault) =>
        long.Parse(Shell.Bash($"du -k {vault.Container} | cut -f 1").Succeed().Output, CultureInfo.InvariantCulture);
}
