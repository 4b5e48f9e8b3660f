using Vault.Fuse.Mount;

namespace Vault.Fuse.Tests.Mount;

public sealed class MountPointCheckTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vaultfs-check-");

    public void Dispose() => _directory.Delete(recursive: true);

    // Goal: each reason not to mount is told apart, and the message names the path.
    // Method: one directory of each kind.
    [Fact]
    public void Unfit_mount_points_are_refused_with_their_reason()
    {
        string file = Path.Combine(_directory.FullName, "file");
        File.WriteAllText(file, "");
        Expect(MountFailure.MountPointMissing, Path.Combine(_directory.FullName, "missing"));
        Expect(MountFailure.MountPointNotADirectory, file);
        Expect(MountFailure.MountPointNotADirectory, file + "/below");
        Expect(MountFailure.MountPointNotEmpty, _directory.FullName);
        Expect(MountFailure.AlreadyMounted, "/proc");
        Expect(MountFailure.AlreadyMounted, "/");
        Expect(MountFailure.Refused, "/usr/bin");
        Assert.Throws<ArgumentException>(() => FuseServer.CheckMountPoint("relative"));
    }

    // Goal: an empty directory is fine, also through a symlink; what is used is the place itself.
    // Method: a link to it.
    [Fact]
    public void Symlinks_are_resolved()
    {
        string target = _directory.CreateSubdirectory("target").FullName;
        string link = Path.Combine(_directory.FullName, "link");
        _ = File.CreateSymbolicLink(link, target);
        MountPlace place = MountPointCheck.Check(link);
        Assert.Equal((target, false), (place.Path, place.IsMountPoint));
    }

    private static void Expect(MountFailure failure, string path)
    {
        MountException exception = Assert.Throws<MountException>(() => FuseServer.CheckMountPoint(path));
        Assert.Equal(failure, exception.Failure);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }
}
