using Vault.Compare.Interop;

namespace Vault.Compare.Work;

/// <summary>The one large file: written, read in order, read and written at random.</summary>
internal static class LargeFile
{
    public const string Name = "large";

    private const int Piece = 1 << 20;

    public static byte[] PathIn(string directory) => Posix.Path(Path.Combine(directory, Name));

    internal sealed class Write(WorkPlan plan) : Workload(plan)
    {
        private readonly byte[] _path = PathIn(plan.Directory);
        private byte[] _data = [];

        public override void Prepare() => _data = Blocks.Random(Piece);

        public override long Run()
        {
            int fd = Posix.Open(_path, Posix.OpenWrite | Posix.OpenCreate | Posix.OpenExclusive);
            for (long offset = 0; offset < Scale.FileSize; offset += Piece)
            {
                Blocks.Stamp(_data, offset / Blocks.Size);
                Posix.WriteAt(fd, _data, offset);
            }

            Posix.Sync(fd);
            Posix.Close(fd);
            return Scale.FileSize;
        }
    }

    /// <summary>Each thread reads its part from its beginning to its end.</summary>
    internal sealed class Read(WorkPlan plan, int threads) : Workload(plan)
    {
        private readonly byte[] _path = PathIn(plan.Directory);
        private ThreadTeam? _team;

        public override void Prepare()
        {
            byte[][] buffers = [.. Enumerable.Range(0, threads).Select(_ => Blocks.Random(Piece))];
            _team = new(threads, number =>
            {
                long part = Scale.FileSize / threads;
                int fd = Posix.Open(_path, Posix.OpenRead);
                for (long offset = number * part; offset < (number + 1) * part; offset += Piece)
                {
                    Posix.ReadAt(fd, buffers[number], offset);
                    Blocks.Verify(buffers[number], offset / Blocks.Size);
                }

                Posix.Close(fd);
            });
        }

        public override long Run()
        {
            _team!.Run();
            return Scale.FileSize;
        }
    }

    /// <summary>Blocks in random order, each read or written once, one at a time on each thread.</summary>
    /// <param name="plan">Of the client.</param>
    /// <param name="threads">How many share the blocks.</param>
    /// <param name="writesInTen">How many of ten accesses write. If any does, fsync is the end.</param>
    internal sealed class Random(WorkPlan plan, int threads, int writesInTen) : Workload(plan)
    {
        private readonly byte[] _path = PathIn(plan.Directory);
        private ThreadTeam? _team;

        public override void Prepare()
        {
            int[] order = Blocks.Order(Scale.FileSize / Blocks.Size, Scale.RandomCount, Plan.Seed);
            byte[][] written = [.. Enumerable.Range(0, threads).Select(_ => Blocks.Random(Blocks.Size))];
            byte[][] buffers = [.. Enumerable.Range(0, threads).Select(_ => Blocks.Random(Blocks.Size))];
            int flags = writesInTen == 0 ? Posix.OpenRead : Posix.OpenReadWrite;
            _team = new(threads, number =>
            {
                int fd = Posix.Open(_path, flags);
                for (int index = number; index < order.Length; index += threads)
                {
                    long block = order[index];
                    // Scattered among the reads by the block's number; the order is random, so this is as well.
                    if (block % 10 < writesInTen)
                    {
                        Blocks.Stamp(written[number], block);
                        Posix.WriteAt(fd, written[number], block * Blocks.Size);
                    }
                    else
                    {
                        Posix.ReadAt(fd, buffers[number], block * Blocks.Size);
                        Blocks.Verify(buffers[number], block);
                    }
                }

                if (writesInTen > 0)
                    Posix.Sync(fd);
                Posix.Close(fd);
            });
        }

        public override long Run()
        {
            _team!.Run();
            return Scale.RandomCount;
        }
    }

    /// <summary>Random pages touched through a shared mapping.</summary>
    internal sealed class Mapped(WorkPlan plan) : Workload(plan)
    {
        private readonly byte[] _path = PathIn(plan.Directory);
        private int[] _order = [];

        public override void Prepare() => _order = Blocks.Order(Scale.FileSize / Blocks.Size, Scale.RandomCount, Plan.Seed);

        public override long Run()
        {
            int fd = Posix.Open(_path, Posix.OpenRead);
            using (FileMapping mapping = new(fd, Scale.FileSize))
                foreach (int block in _order)
                    Blocks.Verify(mapping.At((long)block * Blocks.Size, Blocks.Size), block);

            Posix.Close(fd);
            return _order.Length;
        }
    }
}
