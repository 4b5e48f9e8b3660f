using Xunit;

namespace Vault.Cli.Tests.Control;

public sealed class RuntimeDirectoryTests
{
    // Goal: the directory is made for this user alone.
    // Method: make it and look at its mode.
    [Fact]
    public void It_is_made_private()
    {
        using TemporaryDirectory parent = new();

        string path = RuntimeDirectory.Create(parent.File("run"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.True(RuntimeDirectory.IsPrivate(path));
    }

    // Goal: a directory that somebody else could write to, a symlink or a file is not used: whoever controls it could
    // stand in for a server.
    // Method: one defect each.
    [Theory]
    [InlineData("open")]
    [InlineData("link")]
    [InlineData("file")]
    public void What_is_not_private_is_refused(string defect)
    {
        using TemporaryDirectory parent = new();
        string path = parent.File("run");
        switch (defect)
        {
            case "open":
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, (UnixFileMode)0x1ff);
                break;
            case "link":
                _ = RuntimeDirectory.Create(parent.File("target"));
                File.CreateSymbolicLink(path, parent.File("target"));
                break;
            default:
                File.WriteAllText(path, "");
                break;
        }

        Assert.Equal(ExitCode.AccessDenied, Assert.Throws<CliException>(() => RuntimeDirectory.Create(path)).ExitCode);
    }
}
