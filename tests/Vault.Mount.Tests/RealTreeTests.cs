using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>What was copied in is what comes out after lock and unlock.</summary>
public sealed class RealTreeTests
{
    /// <summary>Name, type, mode, owner, group, size, nanosecond time, link count and target of everything but directories' sizes.</summary>
    private const string Listing = """
        # Only root can give the copy the owners of the original.
        owner=; [ "$(id -u)" != 0 ] || owner='%U|%G|'
        listing() {
          (cd "$1" && find . -type d -printf "%P|d|%m|$owner%T@\n" -o -printf "%P|%y|%m|$owner%s|%T@|%n|%l\n" | LC_ALL=C sort)
        }
        """;

    // Goal: a real tree survives: contents, modes, owners, nanosecond times, symlinks and hard links.
    // Method: cp -a of at least 1,000 system files and a tree with every kind of inode; lock; unlock; diff and compare listings.
    [Fact]
    public void A_real_tree_comes_back_unchanged()
    {
        Requires.Fuse();
        using TestVault vault = new();
        string source = Shell.Bash("for d in /usr/include /usr/share/doc /usr/share; do [ $(find $d -xdev -type f 2> /dev/null | head -n 1000 | wc -l) -ge 1000 ] && { echo $d; break; }; done").Succeed().Output.Trim();
        vault.Open();

        vault.InMount($"""
            cp -a {source} tree
            mkdir special; cd special
            {SpecialTree}
            cp -a ../special {vault.In("special")}
            """).Succeed();
        vault.LockAndUnlock();

        CommandResult compared = Shell.Bash($"""
            {Listing}
            [ $(find {source} -xdev -type f | wc -l) -ge 1000 ]
            diff -r --no-dereference {source} {vault.Mounted("tree")}
            diff <(listing {source}) <(listing {vault.Mounted("tree")})
            # Not into the FIFO of the special tree, on which diff would wait.
            diff <(listing {vault.In("special")}) <(listing {vault.Mounted("special")})
            (cd {vault.In("special")} && find . -type f -print0 | sort -z | xargs -0 sha256sum) > {vault.In("sums")}
            cd {vault.Mounted("special")} && sha256sum --quiet --check {vault.In("sums")}
            """);
        compared.Succeed();
    }

    // Goal: a big file survives, and what is read right after writing is what is read after unlocking.
    // Method: 1 GiB of random bytes, compared by checksum before lock and after unlock.
    [Fact]
    public void A_file_of_one_gibibyte_comes_back_unchanged()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        string sum = Shell.Bash($"head -c 1G /dev/urandom | tee {vault.Mounted("big")} | sha256sum").Succeed().Output;

        Assert.Equal(sum, Shell.Bash($"sha256sum < {vault.Mounted("big")}").Succeed().Output);
        vault.LockAndUnlock();

        Assert.Equal(sum, Shell.Bash($"sha256sum < {vault.Mounted("big")}").Succeed().Output);
        Assert.Equal("1073741824", Shell.Bash($"stat -c %s {vault.Mounted("big")}").Succeed().Output.Trim());
    }

    /// <summary>Every kind of inode and the odd names, modes, times and shapes.</summary>
    private const string SpecialTree = """
        umask 000
        for mode in 0400 0644 0755 1777 2755 4755 7777; do echo $mode > file-$mode; chmod $mode file-$mode; done
        mkdir -p deep/er/still; mkdir -m 1777 sticky; mkdir -m 2750 setgid
        echo one > one; ln one two; ln one deep/three
        ln -s one relative; ln -s /nonexistent/target dangling; ln -s "$(printf 'x%.0s' $(seq 2000))" long-target
        mkfifo fifo
        truncate -s 10M hole; printf x | dd of=hole bs=1 seek=5000000 conv=notrunc status=none
        : > empty; printf x > one-byte; head -c 4095 /dev/urandom > 4095; head -c 4096 /dev/urandom > 4096; head -c 4097 /dev/urandom > 4097
        head -c 32768 /dev/urandom > 32768; head -c 32769 /dev/urandom > 32769; head -c 1000000 /dev/urandom > million
        echo n > "$(printf 'n%.0s' $(seq 255))"; echo s > 'with space'; echo u > 'Käse 日本'; echo b > "$(printf 'bad\377utf8')"; printf n > $'new\nline'
        [ "$(id -u)" != 0 ] || { echo o > owned; chown 1234:4321 owned; mknod device c 1 3; chown -h 77:88 dangling; mkdir -m 0000 closed; echo 0 > file-0000; chmod 0000 file-0000; }
        touch -d '1901-12-14 00:00:00.000000001 UTC' old; touch -d '2262-01-01 12:34:56.987654321 UTC' future
        touch -h -d '2001-02-03 04:05:06.123456789 UTC' relative; touch -d '1999-09-09 09:09:09.999999999 UTC' deep
        """;
}
