using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests.Programs;

/// <summary>Databases keep what they committed, whatever happens to them.</summary>
public sealed class DatabaseTests
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups --";

    // Goal: SQLite's rollback journals work in every form, with two processes at once.
    // Method: each journal mode; both count one number up in transactions of their own.
    [Fact]
    public void Sqlite_keeps_a_database_with_a_rollback_journal()
    {
        Requires.Fuse();
        Requires.Program("sqlite3");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            for mode in DELETE TRUNCATE PERSIST; do
              sqlite3 $mode.db "PRAGMA journal_mode=$mode; CREATE TABLE t(n INTEGER); INSERT INTO t VALUES(0);" > /dev/null
              count() {
                { echo '.timeout 60000'; echo "PRAGMA journal_mode=$mode;"; for i in $(seq 50); do echo 'BEGIN IMMEDIATE; UPDATE t SET n = n + 1; COMMIT;'; done; } | sqlite3 -bail $mode.db > /dev/null
              }
              count & first=$!; count & second=$!; wait $first; wait $second
            done
            """).Succeed();
        vault.LockAndUnlock();

        string found = vault.InMount("for f in *.db; do sqlite3 -bail $f 'PRAGMA integrity_check; SELECT n FROM t;'; done").Succeed().Output;
        Assert.Equal("ok\n100\nok\n100\nok\n100\n", found);
    }

    // Goal: a transaction that a kill cut off is rolled back from its journal.
    // Method: kill sqlite3 in the middle of one that is larger than its cache, so that the database was changed already.
    [Fact]
    public void Sqlite_rolls_back_what_a_kill_cut_off()
    {
        Requires.Fuse();
        Requires.Program("sqlite3");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            sqlite3 data.db "CREATE TABLE t(x TEXT); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < 5000) INSERT INTO t SELECT 'old' || hex(zeroblob(200)) FROM c;"
            mkfifo orders
            sqlite3 data.db < orders & pid=$!
            exec 3> orders
            echo "PRAGMA cache_size=10; BEGIN; UPDATE t SET x = 'new' || x; SELECT 'half';" >&3
            until [ -s data.db-journal ] && [ "$(head -c 8 data.db-journal | od -An -tx1 | tr -d ' \n')" = d9d505f920a163d7 ]; do sleep 0.05; done
            kill -KILL $pid; wait $pid || true; exec 3>&-; rm orders
            """).Succeed();

        Assert.Equal("ok\n5000|0\n", vault.InMount("sqlite3 -bail data.db \"PRAGMA integrity_check; SELECT count(*), sum(x LIKE 'new%') FROM t;\"").Succeed().Output);
    }

    // Goal: PostgreSQL lives in a vault, and after its own sudden death finds all that it had committed.
    // Method: initdb with checksums, pgbench; a table of committed numbers grows while all its processes are killed; restart recovers.
    [Fact]
    public void Postgresql_recovers_after_a_kill()
    {
        Requires.Fuse();
        Requires.Root();
        Requires.Program("setpriv");
        string bin = Shell.Bash("ls -d /usr/lib/postgresql/*/bin 2> /dev/null | tail -n 1").Output.Trim();
        Assert.SkipWhen(bin.Length == 0, "postgresql is not installed.");
        using TestVault vault = new();
        Shell.Bash($"chmod 755 {vault.Directory} {vault.RuntimeDirectory}; mkdir -m 777 {vault.In("socket")}").Succeed();
        vault.Open("--allow-other");
        string prelude = $$"""
            export PATH={{bin}}:$PATH PGHOST={{vault.In("socket")}} PGUSER=test PGDATABASE=postgres HOME={{vault.In("socket")}} LC_ALL=C
            start() { {{AsNobody}} pg_ctl -D data -w -t 60 -o "-c listen_addresses='' -c unix_socket_directories=$PGHOST" -l data/log start > /dev/null || { cat data/log; exit 1; }; }
            """;

        vault.InMount(prelude + """

            mkdir -m 700 data; chown 65534:65534 data
            setpriv --reuid=65534 --regid=65534 --clear-groups -- initdb -D data -U test --data-checksums --no-instructions > /dev/null
            start
            pgbench -i -s 1 -q > /dev/null 2>&1; pgbench -n -c 4 -t 50 > /dev/null 2>&1
            psql -qc 'CREATE TABLE committed(n INT)'
            { for i in $(seq 100000); do echo "INSERT INTO committed VALUES($i) RETURNING n;"; done; } | psql -qAt > seen 2> /dev/null & writer=$!
            until [ "$(wc -l < seen)" -gt 20 ]; do sleep 0.05; done
            kill -KILL $(head -n 1 data/postmaster.pid) $(ps -o pid= --ppid $(head -n 1 data/postmaster.pid)); wait $writer || true
            rm -f data/postmaster.pid $PGHOST/.s.PGSQL.*
            """).Succeed();
        vault.LockAndUnlock("--allow-other");
        vault.InMount(prelude + """

            start
            grep -q 'redo done\|redo is not required' data/log
            psql -qAt -c 'SELECT n FROM committed' | sort > found; sort seen > expected
            [ "$(comm -23 expected found | grep -c .)" = 0 ] || { echo lost; comm -23 expected found | head; exit 1; }
            pgbench -n -c 2 -t 20 > /dev/null 2>&1
            [ "$(psql -qAt -c 'SELECT sum(abalance) FROM pgbench_accounts')" = "$(psql -qAt -c 'SELECT sum(delta) FROM pgbench_history')" ]
            setpriv --reuid=65534 --regid=65534 --clear-groups -- pg_ctl -D data -m fast -w stop > /dev/null
            setpriv --reuid=65534 --regid=65534 --clear-groups -- pg_checksums --check -D data > /dev/null
            """).Succeed();
    }
}
