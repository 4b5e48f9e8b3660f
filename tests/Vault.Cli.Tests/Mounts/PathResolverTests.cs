using Xunit;

namespace Vault.Cli.Tests.Mounts;

public sealed class PathResolverTests
{
    // Goal: relative paths, dots and symlinks come to the path that the kernel knows.
    // Method: a small tree with each of them.
    [Theory]
    [InlineData("real/file", "real/file")]
    [InlineData("real/./x/../file", "real/file")]
    [InlineData("link/file", "real/file")]
    [InlineData("absolute/file", "real/file")]
    [InlineData("real/inner/../file", "real/deep/file")]
    [InlineData("missing/not/there", "missing/not/there")]
    [InlineData("real//file/", "real/file")]
    public void Paths_are_resolved(string path, string expected)
    {
        using TemporaryDirectory directory = new();
        _ = Directory.CreateDirectory(directory.File("real/deep/er"));
        _ = Directory.CreateDirectory(directory.File("real/x"));
        File.CreateSymbolicLink(directory.File("link"), "real");
        File.CreateSymbolicLink(directory.File("absolute"), directory.File("real"));
        File.CreateSymbolicLink(directory.File("real/inner"), "deep/er");

        Assert.Equal(directory.File(expected), PathResolver.Resolve(directory.File(path), new HashSet<string>()));
    }

    // Goal: nothing at or below a mount is looked at.
    // Method: a symlink that lies "in the mount" is not followed.
    [Fact]
    public void A_mount_is_not_entered()
    {
        using TemporaryDirectory directory = new();
        _ = Directory.CreateDirectory(directory.File("mount"));
        File.CreateSymbolicLink(directory.File("mount/link"), "/etc");
        File.CreateSymbolicLink(directory.File("alias"), "mount");

        string resolved = PathResolver.Resolve(directory.File("alias/link/x"), new HashSet<string> { directory.File("mount") });

        Assert.Equal(directory.File("mount/link/x"), resolved);
    }

    // Goal: a ring of symlinks ends with an error.
    // Method: two that name each other.
    [Fact]
    public void A_ring_of_links_is_refused()
    {
        using TemporaryDirectory directory = new();
        File.CreateSymbolicLink(directory.File("a"), "b");
        File.CreateSymbolicLink(directory.File("b"), "a");

        Assert.Equal(ExitCode.NotFound, Assert.Throws<CliException>(() => PathResolver.Resolve(directory.File("a"), new HashSet<string>())).ExitCode);
    }
}
