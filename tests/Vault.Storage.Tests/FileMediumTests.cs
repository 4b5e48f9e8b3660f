namespace Vault.Storage.Tests;

public sealed class FileMediumTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vaultfs-medium-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string NewPath => Path.Combine(_directory, "container");

    // Goal: bytes come back from where they were put; growth is allocated, trimming and cutting work.
    [Fact]
    public void It_reads_what_was_written()
    {
        byte[] data = FileSystemExtensions.RandomBytes(10_000);
        using (FileMedium medium = FileMedium.Create(NewPath))
        {
            medium.Allocate(0, 1 << 20);
            Assert.Equal(1 << 20, medium.LengthBytes);
            medium.Write(5_000, data);
            medium.Flush();
            medium.Trim(512 * 1024, 256 * 1024);
            Assert.Equal(1 << 20, medium.LengthBytes);
            medium.SetLength(100_000);
        }

        using FileMedium opened = FileMedium.Open(NewPath, readOnly: true);
        byte[] found = new byte[200_000];
        Assert.Equal(100_000, opened.Read(0, found));
        Assert.Equal(data, found[5_000..15_000]);
        Assert.Equal(0, opened.Read(200_000, found));
        Assert.True(opened.HostFreeBytes > 0);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(NewPath));
    }

    // Goal: one writer, or many readers; who comes second is told so and nothing changes.
    [Fact]
    public void A_second_writer_is_refused()
    {
        using (FileMedium writer = FileMedium.Create(NewPath))
        {
            Assert.Equal(VaultFailure.InUse, Assert.Throws<VaultException>(() => FileMedium.Open(NewPath, readOnly: false)).Failure);
            Assert.Equal(VaultFailure.InUse, Assert.Throws<VaultException>(() => FileMedium.Open(NewPath, readOnly: true)).Failure);
        }

        using FileMedium reader = FileMedium.Open(NewPath, readOnly: true);
        using FileMedium second = FileMedium.Open(NewPath, readOnly: true);
        VaultException refused = Assert.Throws<VaultException>(() => FileMedium.Open(NewPath, readOnly: false));
        Assert.True(refused.Failure == VaultFailure.InUse, refused.Message);
    }

    // Goal: whatever the host refuses, the reason comes as a VaultException: .NET has other types for some errors.
    // Method: an offset that no file of this file system can have (EFBIG, as at the 4 GiB limit of FAT); a write to a file
    // that was opened to read (EBADF).
    [Fact]
    public void Refusals_of_the_host_have_one_type()
    {
        using (FileMedium medium = FileMedium.Create(NewPath))
        {
            AssertRefused(() => medium.Write(1L << 61, [1]), VaultFailure.NoSpace);
            AssertRefused(() => medium.SetLength(1L << 61), VaultFailure.NoSpace);
            AssertRefused(() => medium.Allocate(1L << 61, 4096), VaultFailure.NoSpace);
        }

        using FileMedium reader = FileMedium.Open(NewPath, readOnly: true);
        AssertRefused(() => reader.Write(0, [1]), VaultFailure.IoError);
        AssertRefused(() => reader.SetLength(10), VaultFailure.IoError);
    }

    // A host whose files have no such limit does what it is asked.
    private static void AssertRefused(Action action, VaultFailure failure)
    {
        if (Record.Exception(action) is { } refusal)
            Assert.Equal(failure, Assert.IsType<VaultException>(refusal).Failure);
    }

    [Fact]
    public void Bad_paths_have_their_reasons()
    {
        Assert.Equal(VaultFailure.NotFound, Assert.Throws<VaultException>(() => FileMedium.Open(NewPath, readOnly: false)).Failure);
        Assert.Equal(VaultFailure.NotFound, Assert.Throws<VaultException>(() => FileMedium.Create(Path.Combine(_directory, "no", "such"))).Failure);
        Assert.Equal(VaultFailure.NotAVault, Assert.Throws<VaultException>(() => FileMedium.Open(_directory, readOnly: false)).Failure);
        File.WriteAllText(NewPath, "precious");
        Assert.Equal(VaultFailure.AlreadyExists, Assert.Throws<VaultException>(() => FileMedium.Create(NewPath)).Failure);
        Assert.Equal("precious", File.ReadAllText(NewPath));
    }
}
