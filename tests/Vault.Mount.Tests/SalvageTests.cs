using System.Text.Json;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary><c>vaultfs salvage</c> on real vaults and real directories.</summary>
public sealed class SalvageTests
{
    /// <summary>A tree of everything, and one large file in which a hit is certain.</summary>
    private const string MakeTree = """
        mkdir -p a/b; seq 100000 > a/b/text; ln a/b/text second; ln -s ../etc a/link; ln -s /nonexistent dangling
        : > empty; truncate -s 10M sparse; echo end >> sparse; mkfifo pipe; chmod 4711 second; chmod 500 a/b
        printf x > $'odd \377\n name'; setfattr -n user.key -v value empty
        touch -d '1999-01-02 03:04:05.678901234' dangling -h; touch -d '2001-02-03 04:05:06.7' a/b a
        head -c 8M /dev/urandom > big
        """;

    /// <summary>All that stat(2) tells and the content of small files, in a form that can be compared.</summary>
    private const string Describe = """
        describe() { (cd "$1"; find . -mindepth 1 ! -path ./big -printf '%P %y %m %U %G %s %T@ %n %l\n' | sed 's/ d \(.*\) [0-9]* \([0-9.]*\) [0-9]* $/ d \1 \2/' | LC_ALL=C sort
          find . -type f ! -path ./big -exec sha256sum {} + | LC_ALL=C sort; getfattr -Rhd . 2> /dev/null || true); }
        """;

    // Goal: of a damaged vault all comes out but the damaged range, which is told; every other byte, name, time, mode, link and attribute is
    // as it was. The vault is not changed.
    // Method: a tree of everything; one bit in the middle of its large file; compare with a copy made before.
    [Fact]
    public void All_but_the_damaged_range_comes_out()
    {
        const int ChunkSize = 32 * 1024;
        Requires.Fuse();
        Requires.Program("setfattr", "getfattr");
        using TestVault vault = new();
        vault.Open();
        vault.InMount(MakeTree).Succeed();
        Shell.Bash($"{Describe}\ndescribe {vault.MountPoint} > {vault.In("before")}; cp {vault.Mounted("big")} {vault.In("big")}").Succeed();
        vault.Lock().Succeed();
        DamagedContainer.Flip(vault.Container, 4 << 20);
        string hash = vault.ContainerHash();

        CommandResult salvaged = Salvage(vault, vault.In("out"), "--json");

        JsonElement report = JsonDocument.Parse(salvaged.Output).RootElement;
        JsonElement finding = Assert.Single(report.GetProperty("findings").EnumerateArray());
        long offset = finding.GetProperty("offsetBytes").GetInt64();
        Assert.Equal(63, salvaged.ExitCode);
        Assert.Equal("incomplete", report.GetProperty("result").GetString());
        Assert.Equal(1, report.GetProperty("incompleteFiles").GetInt64());
        Assert.Equal(("big", ChunkSize), (finding.GetProperty("path").GetString(), finding.GetProperty("lengthBytes").GetInt64()));
        Shell.Bash($"""
            {Describe}
            cd {vault.Directory}
            diff before <(describe out)
            [ $(stat -c %a out) = 700 ]; [ $(stat -c %b out/sparse) -lt 100 ]; [ out/second -ef out/a/b/text ]
            cmp -n {offset} big out/big; cmp -i {offset + ChunkSize} big out/big; cmp -n {ChunkSize} -i {offset}:0 out/big /dev/zero
            """).Succeed();
        Assert.Equal(hash, vault.ContainerHash());
    }

    // Goal: a vault in which nothing is damaged comes out whole, with code 0 and in words.
    // Method: the same tree, after a crash of the server.
    [Fact]
    public void A_healthy_vault_comes_out_whole()
    {
        Requires.Fuse();
        Requires.Program("setfattr", "getfattr");
        using TestVault vault = new();
        vault.Open();
        vault.InMount(MakeTree + "\nsync .").Succeed();
        Shell.Bash($"{Describe}\ndescribe {vault.MountPoint} > {vault.In("before")}; cp {vault.Mounted("big")} {vault.In("big")}").Succeed();
        Salvage(vault, vault.In("out")).Fail(24, vault.MountPoint, "lock");
        Shell.Run(["kill", "-KILL", $"{vault.ServerPid()}"]).Succeed();

        CommandResult salvaged = Salvage(vault, vault.In("out")).Succeed();

        Assert.Matches(@"Copied 8 files and 2 directories, [\d.]+ MiB in [\d.]+ s, to .*/out \(as of generation \d+\): complete\.\n\z", salvaged.Output);
        Shell.Bash($"{Describe}\ncd {vault.Directory}; diff before <(describe out); cmp big out/big").Succeed();
        Salvage(vault, vault.In("out")).Fail(21, vault.In("out"));
    }

    // Goal: access control lists and file capabilities come out too, with other owners' files.
    // Method: files, a directory and modes that lists and capabilities go with; getfacl and getcap tell the same of the copy.
    [Fact]
    public void Lists_and_capabilities_come_out()
    {
        const string describe = "getfacl -Rpn * | LC_ALL=C sort; getcap -rn .; stat -c '%n %u %g %a' tool suid d d/f";
        Requires.Fuse();
        Requires.Root();
        Requires.Program("setfacl", "getfacl", "setcap", "getcap");
        using TestVault vault = new();
        vault.Open("--allow-other");
        vault.InMount("""
            mkdir d; setfacl -m u:3001:rx -d -m u:3002:rw d; echo text > d/f; setfacl -m g:4001:r d/f; chown -R 3003:4003 d
            cp /bin/true tool; chown 3003:4003 tool; chmod 750 tool; setcap cap_net_raw+ep tool; setfacl -m u:3001:rx tool
            cp /bin/true suid; chown 3003 suid; chmod 6755 suid
            """).Succeed();
        string before = vault.InMount(describe).Succeed().Output;
        Assert.Contains("tool cap_net_raw=ep", before, StringComparison.Ordinal);
        vault.Lock().Succeed();

        Salvage(vault, vault.In("out")).Succeed();

        Assert.Equal(before, Shell.Bash($"cd {vault.In("out")}\n{describe}").Succeed().Output);
    }

    // Goal: a target that is full ends a salvage in a clear error; what was copied so far is there and whole, and the vault unchanged.
    // Method: 12 files of 1 MiB onto a disk of 8.
    [Fact]
    public void A_full_target_is_told_and_keeps_what_was_copied()
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("for i in $(seq 12); do head -c 1M /dev/urandom > file-$i; done").Succeed();
        string sums = vault.InMount("sha256sum *").Succeed().Output;
        vault.Lock().Succeed();
        string hash = vault.ContainerHash();
        string target = vault.In("target");
        Shell.Bash($"mkdir {target}; mount -t tmpfs -o size=8M none {target}").Succeed();
        try
        {
            Salvage(vault, Path.Combine(target, "out")).Fail(31, target, "no space left");

            string whole = Shell.Bash($"cd {target}/out; find . -type f -printf '%f\\n' | LC_ALL=C sort | xargs sha256sum").Succeed().Output;
            string[] copied = whole.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.InRange(copied.Length, 5, 8);
            Assert.All(copied, line => Assert.Contains(line, sums, StringComparison.Ordinal));
            Assert.Equal(hash, vault.ContainerHash());
        }
        finally
        {
            Shell.Bash($"umount {target}").Succeed();
        }
    }

    // Goal: an ordinary user gets everything but owners, and is told.
    // Method: a file of root in a vault that root fills; 'nobody' salvages a copy of the container.
    [Fact]
    public void An_ordinary_user_is_told_of_owners()
    {
        Requires.Root();
        using OrdinaryUser user = new();
        using TestVault vault = OrdinaryUser.NewVault();
        using TestVault filled = new();
        filled.Open();
        filled.InMount("echo text > file; chmod 6755 file; mkdir -m 000 closed; mknod null c 1 3").Succeed();
        filled.Lock().Succeed();
        Shell.Bash($"cp {filled.Container} {vault.Container}; chown 65534 {vault.Container}").Succeed();

        CommandResult salvaged = Salvage(vault, vault.In("out"));

        Assert.Equal(63, salvaged.ExitCode);
        Assert.Contains("null: The special file cannot be made: Operation not permitted.", salvaged.Output, StringComparison.Ordinal);
        Assert.Contains("2 of them are yours now", salvaged.Output, StringComparison.Ordinal);
        Shell.Bash($"cd {vault.In("out")}; [ $(cat file) = text ]; [ $(stat -c %u:%a file) = 65534:755 ]; [ $(stat -c %u:%a closed) = 65534:0 ]; [ ! -e null ]").Succeed();
    }

    private static CommandResult Salvage(TestVault vault, string directory, params string[] options) =>
        vault.Vaultfs(["salvage", vault.Container, directory, "--passphrase-file", vault.PassphraseFile, .. options]);
}
