using Xunit;

namespace Vault.Mount.Tests.Kit;

/// <summary>How a command ended.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Fails the test with all that the command said unless it succeeded.</summary>
    public CommandResult Succeed()
    {
        Assert.True(ExitCode == 0, $"{Command}\nreturned {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Fails the test unless the command returned the code and its message holds all of the words.</summary>
    public CommandResult Fail(int exitCode, params string[] words)
    {
        Assert.True(ExitCode == exitCode, $"{Command}\nreturned {ExitCode}, not {exitCode}\n{Output}\n{Error}");
        Assert.StartsWith("vaultfs: ", Error, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, Error, StringComparison.OrdinalIgnoreCase));
        return this;
    }
}
