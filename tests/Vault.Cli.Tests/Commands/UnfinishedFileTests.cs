using Vault.Cli.Commands;
using Xunit;

namespace Vault.Cli.Tests.Commands;

public sealed class UnfinishedFileTests
{
    // Goal: a file that was not completed goes, a completed one stays, and one that is not known to be ours is never touched.
    // Method: end the guard in each of its states.
    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void Only_an_unfinished_file_of_ours_is_deleted(bool appeared, bool completed, bool isLeft)
    {
        using TemporaryDirectory directory = new();
        string path = directory.Write("vault", "content");

        using (UnfinishedFile file = new(path))
        {
            if (appeared)
            {
                file.Appeared();
            }

            if (completed)
            {
                file.Complete();
            }
        }

        Assert.Equal(isLeft, File.Exists(path));
    }
}
