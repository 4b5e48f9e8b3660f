using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests.Programs;

/// <summary>Real programs do their work in a mounted vault, and find it after lock and unlock.</summary>
public sealed class ProgramTests
{
    // Goal: git trusts the file system with a repository.
    // Method: init, commits, gc, fsck; again after lock and unlock.
    [Fact]
    public void Git_keeps_a_repository()
    {
        Requires.Fuse();
        Requires.Program("git");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
            git init -q -b main repo; cd repo
            git config user.name Test; git config user.email test@example.org
            cp -r /usr/include/linux headers; git add .; git commit -qm first
            sed -i 's/int/INT/' headers/*.h; git commit -qam second
            git checkout -qb other HEAD~1; echo more > more; git add more; git commit -qm third; git checkout -q main
            git gc -q; git fsck --strict; git rev-parse HEAD > ../head
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
            cd repo; git fsck --strict; [ -z "$(git status --porcelain)" ]; [ "$(git rev-parse HEAD)" = "$(cat ../head)" ]
            git merge -q --no-edit other
            """).Succeed();
    }

    // Goal: SQLite in WAL mode works, and what it committed is there.
    // Method: 2,000 transactions, each synced; integrity check before and after lock and unlock.
    [Fact]
    public void Sqlite_keeps_a_database_in_wal_mode()
    {
        Requires.Fuse();
        Requires.Program("sqlite3");
        using TestVault vault = new();
        vault.Open();

        string made = vault.InMount("""
            {
              echo 'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT);'
              for i in $(seq 2000); do echo "BEGIN; INSERT INTO t VALUES($i, hex(randomblob(50))); UPDATE t SET text = text || 'x' WHERE id = $i / 2; COMMIT;"; done
              echo 'PRAGMA integrity_check; SELECT count(*) FROM t;'
            } | sqlite3 -bail data.db
            """).Succeed().Output;
        vault.LockAndUnlock();
        string found = vault.InMount("sqlite3 -bail data.db 'PRAGMA integrity_check; SELECT count(*) FROM t; PRAGMA journal_mode;'").Succeed().Output;

        Assert.EndsWith("ok\n2000\n", made, StringComparison.Ordinal);
        Assert.Equal("ok\n2000\nwal\n", found);
    }

    // Goal: the two ways in which editors save leave the new content and nothing else.
    // Method: as vim does (write a temporary file, sync, rename over the old), and as nano does (truncate and rewrite).
    [Fact]
    public void Editors_can_save()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            for i in $(seq 50); do
              seq $((i * 100)) > .doc.tmp; sync .doc.tmp; chmod 640 .doc.tmp; mv .doc.tmp by-rename
              seq $(((51 - i) * 100)) > in-place; sync in-place
              [ "$(wc -l < by-rename)" = $((i * 100)) ]; [ "$(wc -l < in-place)" = $(((51 - i) * 100)) ]
            done
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            [ "$(ls -A)" = "$(printf 'by-rename\nin-place')" ]
            cmp by-rename <(seq 5000); cmp in-place <(seq 100); [ "$(stat -c %a by-rename)" = 640 ]
            """).Succeed();
    }

    // Goal: tar goes in and comes out.
    // Method: unpack an archive of real files into the mount, and pack what is found there after lock and unlock.
    [Fact]
    public void Tar_goes_in_and_out()
    {
        Requires.Fuse();
        Requires.Program("tar");
        using TestVault vault = new();
        vault.Open();
        string pack = "tar --sort=name --owner=0 --group=0 --pax-option=delete=atime,delete=ctime --format=posix -c linux";
        Shell.Bash($"cd /usr/include && {pack} > {vault.In("in.tar")}").Succeed();

        vault.InMount($"tar -xpf {vault.In("in.tar")}").Succeed();
        vault.LockAndUnlock();
        vault.InMount($"{pack} > {vault.In("out.tar")}; cmp {vault.In("in.tar")} {vault.In("out.tar")}").Succeed();
    }

    // Goal: processes that append to one file lose no line and tear none.
    // Method: eight of them, 500 lines each.
    [Fact]
    public void Several_processes_append()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            for p in 1 2 3 4 5 6 7 8; do
              ( for i in $(seq 500); do echo "process $p line $i $(printf 'x%.0s' $(seq $((i % 40))))." >> log; done ) &
            done
            wait
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            [ "$(wc -l < log)" = 4000 ]; [ "$(grep -cE '^process [1-8] line [0-9]+ x*\.$' log)" = 4000 ]
            [ "$(cut -d ' ' -f 2,4 log | sort -u | wc -l)" = 4000 ]
            """).Succeed();
    }

    // Goal: what is written through a shared mapping is seen by read(2) and kept.
    // Method: a C program maps a file, writes it backwards, compares with read(2); its checksum survives lock and unlock.
    [Fact]
    public void A_shared_mapping_is_coherent_and_kept()
    {
        Requires.Fuse();
        using TestVault vault = new();
        string writer = CompiledHelper.Build("mmap_writer", vault);
        vault.Open();

        vault.InMount($"{writer} mapped 1000; sha256sum mapped > sum").Succeed();
        vault.LockAndUnlock();

        vault.InMount("sha256sum --check --quiet sum; [ $(stat -c %s mapped) = 4096000 ]").Succeed();
    }

    // Goal: a file without a name can be read and written until it is closed, and leaves nothing behind.
    // Method: the shell holds it open over unlink, and over the unlink of its directory.
    [Fact]
    public void A_deleted_file_stays_usable_while_it_is_open()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            mkdir dir; head -c 100000 /dev/urandom > dir/file; sum=$(sha256sum < dir/file)
            exec 3<> dir/file; rm dir/file; rmdir dir; [ -z "$(ls -A)" ]
            [ "$(sha256sum <&3)" = "$sum" ]
            echo more >&3; [ "$(stat -L -c '%s %h' /proc/self/fd/3)" = '100005 0' ]
            [ "$(tail -c 5 /proc/self/fd/3)" = more ]
            exec 3>&-
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("[ -z \"$(ls -A)\" ]").Succeed();
    }
}
