using Microsoft.Extensions.Logging;
using Xunit;

namespace Vault.Cli.Tests.Logging;

public sealed class FileLogTests
{
    // Goal: however much is logged, the log takes bounded space, and the newest lines are there.
    // Method: many times the limit, in a log with a small one.
    [Fact]
    public void The_log_is_bounded_and_private()
    {
        const int limit = 4096;
        using TemporaryDirectory directory = new();
        string path = directory.File("state/vault.log");
        using (FileLog log = new(path, TimeProvider.System, limit))
        {
            ILogger logger = log.CreateLogger("test");
            for (int i = 0; i < 1000; i++)
            {
                logger.LogInformation("Line {Number}.", i);
            }
        }

        Assert.InRange(new FileInfo(path).Length, 1, limit);
        Assert.InRange(new FileInfo(path + ".old").Length, 1, limit);
        Assert.EndsWith("Information test: Line 999.", File.ReadLines(path).Last(), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }
}
