using Vault.Cli.Commands;
using Xunit;

namespace Vault.Cli.Tests.Commands;

public sealed class UsageTests
{
    // Goal: a command line that makes no sense returns 2, says why on standard error and does nothing.
    // Method: one defect each.
    [Theory]
    [InlineData("")]
    [InlineData("open")]
    [InlineData("create")]
    [InlineData("create /nonexistent/v extra")]
    [InlineData("create /nonexistent/v --cipher rot13")]
    [InlineData("create /nonexistent/v --chunk-size 5")]
    [InlineData("create /nonexistent/v --chunk-size 256")]
    [InlineData("create /nonexistent/v --kdf-memory much")]
    [InlineData("unlock /nonexistent/v")]
    [InlineData("unlock /nonexistent/v /nonexistent/m --passphrase-fd three")]
    [InlineData("unlock /nonexistent/v /nonexistent/m --passphrase-fd 0 --passphrase-file f")]
    [InlineData("unlock /nonexistent/v /nonexistent/m --set Threads")]
    [InlineData("unlock /nonexistent/v /nonexistent/m -o loud")]
    [InlineData("unlock /nonexistent/v /nonexistent/m -o")]
    [InlineData("lock")]
    [InlineData("list --yaml")]
    public void A_wrong_command_line_returns_usage(string line)
    {
        (ExitCode code, string output, string error) = Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Empty(output);
        Assert.StartsWith("vaultfs: ", error, StringComparison.Ordinal);
    }

    // Goal: a path that begins with '@' is a path, and not the name of a file with more arguments.
    // Method: such a file exists; the message names the path.
    [Fact]
    public void A_path_may_begin_with_an_at_sign()
    {
        using TemporaryDirectory directory = new();
        string arguments = directory.Write("arguments", "--json");

        (ExitCode code, _, string error) = Run(["info", "@" + arguments]);

        Assert.Equal(ExitCode.NotFound, code);
        Assert.Contains("@", error, StringComparison.Ordinal);
    }

    // Goal: help names every command but the internal one.
    // Method: read it.
    [Fact]
    public void Help_shows_the_commands()
    {
        (ExitCode code, string output, _) = Run(["--help"]);

        Assert.Equal(ExitCode.Success, code);
        Assert.All(["create", "unlock", "lock", "info", "list"], name => Assert.Contains($"  {name} ", output, StringComparison.Ordinal));
        Assert.DoesNotContain("  serve ", output, StringComparison.Ordinal);
    }

    private static (ExitCode Code, string Output, string Error) Run(string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        ExitCode code = VaultfsCommandLine.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
