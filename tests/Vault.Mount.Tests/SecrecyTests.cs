using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>Nothing of what a vault holds can be read outside of the mount.</summary>
public sealed class SecrecyTests
{
    private const string Canary = "canary-5f2e9c71b0d84a36";

    // Goal: a name, a content, a symlink's target and an attribute occur nowhere on disk but in the mount.
    // Method: write a canary as each of them; search the container, and everything that vaultfs writes beside it (log,
    // sockets, temporary files), while it is unlocked, after a lock, and after a kill.
    [Fact]
    public void A_canary_occurs_nowhere_outside_of_the_mount()
    {
        Requires.Fuse();
        Requires.Program("setfattr");
        using TestVault vault = new();
        _ = Directory.CreateDirectory(vault.In("tmp"));
        vault.Open("--set", "LogLevel=Trace");

        vault.InMount($"""
            mkdir {Canary}-dir
            echo {Canary} > {Canary}-small
            for i in $(seq 20000); do echo {Canary} $i; done > {Canary}-dir/large
            ln -s {Canary}-target link
            setfattr -n user.{Canary}-key -v {Canary}-value {Canary}-small
            sync {Canary}-small {Canary}-dir/large .
            """).Succeed();
        Search(vault);
        Shell.Run(["kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();
        vault.Unlock().Succeed();
        Search(vault);
        vault.InMount($"mv {Canary}-small {Canary}-renamed; rm {Canary}-dir/large").Succeed();
        vault.Lock().Succeed();
        Search(vault);

        // The search itself must be able to find it.
        File.AppendAllText(vault.In("state/planted"), Canary);
        Assert.Throws<Xunit.Sdk.EmptyException>(() => Search(vault));
    }

    // Goal: the size of a small file does not show.
    // Method: two copies of one vault; one gets a file of one byte, the other of 4,000. Length, allocated space and the
    // number of blocks that changed must be the same.
    [Fact]
    public void A_file_of_one_byte_and_one_of_4000_look_alike()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open().Lock().Succeed();
        string original = vault.In("original");
        Shell.Run(["cp", "--sparse=always", vault.Container, original]).Succeed();

        string small = WriteOneFile(vault, original, 1);
        string large = WriteOneFile(vault, original, 4000);

        Assert.Equal(small, large);
    }

    private static string WriteOneFile(TestVault vault, string original, int size)
    {
        Shell.Run(["cp", "--sparse=always", original, vault.Container]).Succeed();
        vault.Unlock().Succeed();
        vault.InMount($"head -c {size} /dev/urandom > file; sync file").Succeed();
        vault.Lock().Succeed();
        return Shell.Bash($$"""
            stat -c 'length %s' {{vault.Container}}
            # cmp lists every byte that differs, from 1; blocks have 4096.
            cmp -l {{original}} {{vault.Container}} 2> /dev/null | awk '{ blocks[int(($1 - 1) / 4096)] } END { print "changed blocks", length(blocks) }' || true
            """).Succeed().Output;
    }

    private static void Search(TestVault vault)
    {
        string found = Shell.Bash($"""
            grep -rlaF --devices=skip {Canary} {vault.Container} {vault.In("tmp")} {vault.RuntimeDirectory} {vault.In("state")} || [ $? = 1 ]
            """).Succeed().Output;
        Assert.Empty(found);
    }
}
