using Vault.Compare.Interop;

namespace Vault.Compare.Work;

/// <summary>Directories of files of 4 KiB: made by known names, afterwards found by reading the directories.</summary>
internal static class FileTree
{
    public const string Name = "tree";

    internal sealed class Create(WorkPlan plan) : Workload(plan)
    {
        private readonly byte[] _root = Posix.Path(Path.Combine(plan.Directory, Name));
        private byte[][] _directories = [];
        private byte[][] _files = [];
        private byte[] _data = [];

        public override void Prepare()
        {
            _data = Blocks.Random(Blocks.Size);
            _directories = [.. Enumerable.Range(0, Scale.DirectoryCount).Select(directory => Posix.Path(In($"{Name}/directory-{directory:000}")))];
            _files = [.. Enumerable.Range(0, Scale.FileCount).Select(file =>
                Posix.Path(In($"{Name}/directory-{file / Scale.FilesInDirectory:000}/file-{file % Scale.FilesInDirectory:0000}.dat")))];
        }

        public override long Run()
        {
            Posix.MakeDirectory(_root);
            for (int file = 0; file < _files.Length; file++)
            {
                if (file % Scale.FilesInDirectory == 0)
                    Posix.MakeDirectory(_directories[file / Scale.FilesInDirectory]);
                int fd = Posix.Open(_files[file], Posix.OpenWrite | Posix.OpenCreate | Posix.OpenExclusive);
                Blocks.Stamp(_data, 0);
                Posix.WriteAt(fd, _data, 0);
                Posix.Close(fd);
            }

            return _files.Length;
        }
    }

    internal sealed class Stat(WorkPlan plan) : Walk(plan)
    {
        protected override void Visit(int directory, ReadOnlySpan<byte> name) => Posix.Stat(directory, name);
    }

    internal sealed class Read(WorkPlan plan) : Walk(plan)
    {
        private readonly byte[] _buffer = Blocks.Random(Blocks.Size);

        protected override void Visit(int directory, ReadOnlySpan<byte> name)
        {
            int fd = Posix.Open(name, Posix.OpenRead, directory);
            Posix.ReadAt(fd, _buffer, 0);
            Posix.Close(fd);
            Blocks.Verify(_buffer, 0);
        }
    }

    internal sealed class Rename(WorkPlan plan) : Walk(plan)
    {
        private readonly byte[] _target = new byte[256];

        protected override void Visit(int directory, ReadOnlySpan<byte> name)
        {
            // "file-0001.dat" becomes "name-0001.dat".
            name.CopyTo(_target);
            "name"u8.CopyTo(_target);
            Posix.Rename(directory, name, _target.AsSpan(0, name.Length));
        }
    }

    internal sealed class Delete(WorkPlan plan) : Walk(plan)
    {
        protected override void Visit(int directory, ReadOnlySpan<byte> name) => Posix.Unlink(directory, name);

        protected override void Leave(int root, ReadOnlySpan<byte> name) => Posix.RemoveDirectory(root, name);
    }

    /// <summary>Visits each file, directory by directory.</summary>
    internal abstract class Walk(WorkPlan plan) : Workload(plan)
    {
        private readonly byte[] _root = Posix.Path(Path.Combine(plan.Directory, Name));
        private readonly DirectoryEntries _directories = new();
        private readonly DirectoryEntries _files = new();

        public override void Prepare() { }

        public override long Run()
        {
            int count = 0;
            int root = Posix.Open(_root, Posix.OpenRead);
            _directories.Load(root);
            while (_directories.TryNext(out ReadOnlySpan<byte> directoryName))
            {
                int directory = Posix.Open(directoryName, Posix.OpenRead, root);
                _files.Load(directory);
                while (_files.TryNext(out ReadOnlySpan<byte> name))
                {
                    Visit(directory, name);
                    count++;
                }

                Posix.Close(directory);
                Leave(root, directoryName);
            }

            Posix.Close(root);
            return count == Scale.FileCount ? count : throw new InvalidDataException($"{count} files were found, not {Scale.FileCount}.");
        }

        protected abstract void Visit(int directory, ReadOnlySpan<byte> name);

        protected virtual void Leave(int root, ReadOnlySpan<byte> name) { }
    }
}
