using Vault.Compare.Interop;

namespace Vault.Compare.Work;

/// <summary>Small writes to a new file.</summary>
internal static class SmallWrites
{
    /// <summary>4 KiB after 4 KiB, each followed by fdatasync.</summary>
    internal sealed class Synced(WorkPlan plan) : Workload(plan)
    {
        private readonly byte[] _path = Posix.Path(Path.Combine(plan.Directory, "synced"));
        private byte[] _data = [];

        public override void Prepare() => _data = Blocks.Random(Blocks.Size);

        public override long Run()
        {
            int fd = Posix.Open(_path, Posix.OpenWrite | Posix.OpenCreate | Posix.OpenExclusive);
            for (int block = 0; block < Scale.SyncedCount; block++)
            {
                Blocks.Stamp(_data, block);
                Posix.WriteAt(fd, _data, (long)block * Blocks.Size);
                Posix.SyncData(fd);
            }

            Posix.Close(fd);
            return Scale.SyncedCount;
        }
    }

    /// <summary>A log: opened for each line of 120 bytes.</summary>
    internal sealed class Appended(WorkPlan plan) : Workload(plan)
    {
        private const int LineSize = 120;

        private readonly byte[] _path = Posix.Path(Path.Combine(plan.Directory, "log"));
        private byte[] _line = [];

        public override void Prepare() => _line = Blocks.Random(LineSize);

        public override long Run()
        {
            for (int line = 0; line < Scale.AppendCount; line++)
            {
                int fd = Posix.Open(_path, Posix.OpenWrite | Posix.OpenCreate | Posix.OpenAppend);
                Posix.WriteAt(fd, _line, (long)line * LineSize);
                Posix.Close(fd);
            }

            return Scale.AppendCount;
        }
    }
}
