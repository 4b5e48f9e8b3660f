namespace Vault.Storage.Tests;

/// <summary>Small changes of all kinds that a log must bring back, one a step: names, inline and chunked content, cuts, holes, deletions.</summary>
internal sealed class LogWorkload(VaultFileSystem fileSystem)
{
    private int _step;

    public void Step()
    {
        int number = _step++;
        string name = $"file {number / 7}";
        byte[] data = FileSystemExtensions.RandomBytes(3000 + (number % 5 * 2500), number + 1);
        switch (number % 7)
        {
            case 0:
                fileSystem.WriteAll(fileSystem.CreateFile(name), 0, data.AsSpan(0, 100));
                break;
            case 1: // becomes chunks
                fileSystem.WriteAll(Find(name), 90, data);
                break;
            case 2: // in the middle, and behind a hole
                fileSystem.WriteAll(Find(name), 1000, data.AsSpan(0, 700));
                fileSystem.WriteAll(Find(name), 40_000, data.AsSpan(0, 300));
                break;
            case 3:
                fileSystem.SetSize(Find(name), 5000 + number);
                break;
            case 4:
                Assert.Equal(Errno.None, fileSystem.Allocate(Find(name), 1000, 3000, AllocationMode.PunchHole | AllocationMode.KeepSize, clearSetIds: false));
                fileSystem.WriteAll(Find(name), 0, data);
                break;
            case 5:
                Assert.Equal(Errno.None, fileSystem.Link(Find(name), InodeNumber.Root, $"link {number}".Utf8(), out _));
                fileSystem.WriteAll(Find(name), 0, data.AsSpan(0, 10));
                break;
            default:
                string old = $"file {(number / 7) - 1}";
                if (fileSystem.Lookup(InodeNumber.Root, old.Utf8(), out InodeAttributes attributes) == Errno.None)
                {
                    Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, old.Utf8()));
                    Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, $"link {((number / 7) - 1) * 7 + 5}".Utf8()));
                    fileSystem.Forget(attributes.Inode, ulong.MaxValue);
                }

                fileSystem.WriteAll(Find(name), 4096, data.AsSpan(0, 4096 % data.Length));
                break;
        }
    }

    private InodeNumber Find(string name)
    {
        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes attributes));
        return attributes.Inode;
    }
}
