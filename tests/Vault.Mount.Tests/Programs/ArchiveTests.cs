using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests.Programs;

/// <summary>Programs that carry trees into a vault and out of it lose nothing on the way.</summary>
public sealed class ArchiveTests
{
    /// <summary>Makes a tree with one of everything in the current directory.</summary>
    private const string MakeTree = """
        mkdir -p tree/sub/deep; cp -r /usr/include/linux/netfilter tree/sub/
        head -c 300000 /dev/urandom > tree/data; ln tree/data tree/sub/hardlink; ln -s ../data tree/sub/symlink; ln -s nowhere tree/broken
        truncate -s 10M tree/sparse; echo end >> tree/sparse; printf 'odd' > "tree/$(printf 'na\nme \377')"
        mkfifo tree/fifo; [ "$(id -u)" != 0 ] || { mknod tree/device c 1 3; chown 1234:5678 tree/sub/deep; chmod 6755 tree/data; }
        setfattr -n user.comment -v 'some text' tree/data; setfattr -n user.dir -v 0x00ff tree/sub
        setfacl -m u:1234:rw-,g:5678:r-- tree/sparse; setfacl -d -m u:1234:rwx tree/sub/deep; echo inherits > tree/sub/deep/inherits
        touch -h -d '2001-02-03 04:05:06.789012345' tree/sub/symlink; touch -d '1999-12-31 23:59:59.123456789' tree/data; chmod 1777 tree/sub; chmod 000 tree/broken 2> /dev/null || true
        touch -d '2010-10-10 10:10:10.1' tree/sub tree
        """;

    /// <summary>What two trees are compared by: everything that stat, getfattr and getfacl tell, and contents.</summary>
    private const string Describe = """
        describe() (
          cd "$1"; export LC_ALL=C
          find . -printf '%p %y %m %U %G %n %l %T@\n' | sort; find . -type f -printf '%p %s\n' | sort
          find . -type f -print0 | sort -z | xargs -0 sha256sum
          find . -print0 | sort -z | xargs -0 getfattr -dhP -m '^(user|trusted)'; find . ! -type l -print0 | sort -z | xargs -0 getfacl -Pn
        )
        """;

    // Goal: rsync with all that it can keep finds nothing to do a second time, and brings everything back.
    // Method: -aHAX into the vault, over lock and unlock, and out again; a dry run by checksums names no difference.
    [Fact]
    public void Rsync_goes_both_ways()
    {
        Requires.Fuse();
        Requires.Program("rsync", "setfattr", "setfacl");
        using TestVault vault = new();
        Shell.Bash($"mkdir {vault.In("host")}; cd {vault.In("host")}; {MakeTree}").Succeed();
        vault.Open();

        vault.InMount($"rsync -aHAX --numeric-ids {vault.In("host/tree")} .").Succeed();
        vault.LockAndUnlock();
        string different = vault.InMount($"rsync -aHAXnic --numeric-ids --delete {vault.In("host/tree")} .").Succeed().Output;
        vault.InMount($"rsync -aHAX --numeric-ids tree/ {vault.In("host/back")}").Succeed();
        different += Shell.Bash($"rsync -aHAXnic --numeric-ids --delete {vault.In("host/tree/")} {vault.In("host/back")}").Succeed().Output;

        Assert.Equal("", different);
    }

    // Goal: rsync updates a file in place and by a temporary file.
    // Method: a large file that changes in the middle, with --inplace, --partial and --append-verify.
    [Fact]
    public void Rsync_updates()
    {
        Requires.Fuse();
        Requires.Program("rsync");
        using TestVault vault = new();
        vault.Open();

        vault.InMount($"""
            head -c 4000000 /dev/urandom > {vault.In("big")}; rsync --no-whole-file {vault.In("big")} big
            printf 'changed' | dd of={vault.In("big")} bs=1 seek=2000000 conv=notrunc status=none
            rsync --no-whole-file --inplace --ignore-times {vault.In("big")} big; cmp big {vault.In("big")}
            head -c 1000 /dev/urandom >> {vault.In("big")}; rsync --append-verify {vault.In("big")} big; cmp big {vault.In("big")}
            [ "$(ls -A)" = big ]
            """).Succeed();
    }

    // Goal: tar keeps extended attributes, ACLs, holes and hard links, into the vault and out of it.
    // Method: a tree from the host is unpacked in the vault and packed there; both ends are described alike.
    [Fact]
    public void Tar_keeps_attributes_and_acls()
    {
        Requires.Fuse();
        Requires.Program("tar", "setfattr", "setfacl");
        using TestVault vault = new();
        string tar = "tar --xattrs --xattrs-include='*' --acls --sparse --numeric-owner";
        Shell.Bash($"mkdir {vault.In("host")}; cd {vault.In("host")}; {MakeTree}\n{tar} -cf in.tar tree").Succeed();
        vault.Open();

        vault.InMount($"{tar} -xpf {vault.In("host/in.tar")}").Succeed();
        vault.LockAndUnlock();
        vault.InMount($"{tar} -cf {vault.In("host/out.tar")} tree; mkdir {vault.In("host/back")}; {tar} -xpf {vault.In("host/out.tar")} -C {vault.In("host/back")}").Succeed();

        Shell.Bash($"""
            {Describe}
            describe {vault.In("host/tree")} > {vault.In("expected")}; describe {vault.Mounted("tree")} > {vault.In("inside")}; describe {vault.In("host/back/tree")} > {vault.In("outside")}
            diff {vault.In("expected")} {vault.In("inside")}; diff {vault.In("expected")} {vault.In("outside")}; [ $(wc -l < {vault.In("expected")}) -gt 50 ]
            """).Succeed();
    }

    // Goal: cp copies everything, by ranges in the server, and makes holes where it is told to.
    // Method: cp -a of the tree; cp --sparse=always of zeros; a copy of a large file, and the source changes afterwards.
    [Fact]
    public void Cp_copies()
    {
        Requires.Fuse();
        Requires.Program("setfattr", "setfacl");
        using TestVault vault = new();
        vault.Open();

        vault.InMount($$"""
            {{Describe}}
            {{MakeTree}}
            cp -a tree copy; diff <(describe tree) <(describe copy)
            head -c 8M /dev/zero > zeros; echo end >> zeros; cp --sparse=always zeros sparse; cmp zeros sparse; [ $(du -k sparse | cut -f 1) -lt 1024 ]
            head -c 20M /dev/urandom > large; sha256sum < large > sum; cp --reflink=auto large clone; printf x | dd of=large bs=1 seek=10000000 conv=notrunc status=none
            sha256sum < clone | cmp - sum; ! cmp -s large clone
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount($"{Describe}\ndiff <(describe tree) <(describe copy); sha256sum < clone | cmp - sum; [ $(du -k sparse | cut -f 1) -lt 1024 ]").Succeed();
    }

    // Goal: zip, unzip, dpkg-deb pack and unpack in a vault.
    // Method: a tree of headers goes through each and comes out the same.
    [Fact]
    public void Zip_and_packages_are_unpacked()
    {
        Requires.Fuse();
        Requires.Program("zip", "unzip", "dpkg-deb");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            export TMPDIR=$PWD; cp -r /usr/include/linux/netfilter headers
            zip -qr archive.zip headers; mkdir unzipped; unzip -q archive.zip -d unzipped; diff -r headers unzipped/headers; zip -qd archive.zip headers/nf_nat.h; unzip -tq archive.zip > /dev/null
            mkdir -p package/DEBIAN package/usr/share; cp -r headers package/usr/share/
            printf 'Package: test\nVersion: 1\nArchitecture: all\nMaintainer: Test <test@example.org>\nDescription: test\n' > package/DEBIAN/control
            chmod -R u=rwX,go=rX package; dpkg-deb --root-owner-group -b package test.deb > /dev/null; dpkg-deb -x test.deb unpacked; diff -r headers unpacked/usr/share/headers
            dpkg-deb -e test.deb control; cmp control/control package/DEBIAN/control
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("diff -r headers unzipped/headers; diff -r headers unpacked/usr/share/headers").Succeed();
    }
}
