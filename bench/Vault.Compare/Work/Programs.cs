using System.Diagnostics;
using Vault.Compare.Interop;

namespace Vault.Compare.Work;

/// <summary>Work that ordinary programs do.</summary>
internal static class Programs
{
    private const string TreeName = "copied";

    /// <summary>cp -a of the source tree, then what sync(1) does.</summary>
    internal sealed class Copy(WorkPlan plan) : Program(plan)
    {
        private readonly byte[] _directory = Posix.Path(plan.Directory);

        public override void Prepare()
        {
            base.Prepare();
            // The source is in the page cache, whoever dropped that before.
            Shell($"tar cf - '{Plan.SourceTree}' 2> /dev/null | cat > /dev/null");
        }

        public override long Run()
        {
            Shell($"cp -a '{Plan.SourceTree}' {TreeName}");
            int fd = Posix.Open(_directory, Posix.OpenRead);
            Posix.SyncFileSystem(fd);
            Posix.Close(fd);
            return 1;
        }
    }

    internal sealed class Tar(WorkPlan plan) : Program(plan)
    {
        public override long Run()
        {
            // tar itself reads nothing if it sees that /dev/null is its output.
            Shell($"tar cf - {TreeName} | cat > /dev/null");
            return 1;
        }
    }

    internal sealed class List(WorkPlan plan) : Program(plan)
    {
        public override long Run()
        {
            Shell($"ls -lR {FileTree.Name} > /dev/null");
            return Scale.FileCount;
        }
    }

    internal sealed class Git(WorkPlan plan) : Program(plan)
    {
        public override long Run()
        {
            Shell($"git clone -q --no-hardlinks '{Plan.Repository}' clone && test -z \"$(git -C clone status --porcelain)\"");
            return 1;
        }
    }

    internal sealed class Sqlite(WorkPlan plan) : Program(plan)
    {
        private string _script = "";

        public override void Prepare()
        {
            base.Prepare();
            StringBuilder script = new("PRAGMA journal_mode=WAL;\nPRAGMA synchronous=FULL;\nCREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB);\n");
            for (int commit = 0; commit < Scale.CommitCount; commit++)
                script.Append("INSERT INTO t (data) VALUES (randomblob(400));\n");
            script.Append("SELECT count(*) FROM t;\n");
            _script = script.ToString();
        }

        public override long Run()
        {
            string output = Start("sqlite3", ["-bail", "test.db"], _script);
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines is ["wal", var count] && count == Scale.CommitCount.ToString(CultureInfo.InvariantCulture)
                ? Scale.CommitCount
                : throw new InvalidDataException($"sqlite3 answered: {output}");
        }
    }

    internal abstract class Program(WorkPlan plan) : Workload(plan)
    {
        public override void Prepare() => Shell("true", "/");

        protected void Shell(string command, string? directory = null) => _ = Start("/bin/sh", ["-c", command], "", directory);

        protected string Start(string program, string[] arguments, string input, string? directory = null)
        {
            ProcessStartInfo start = new(program, arguments)
            {
                WorkingDirectory = directory ?? Directory, RedirectStandardInput = true, RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new IOException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
