using Xunit;

namespace Vault.Mount.Tests.Kit;

/// <summary>tests/Vault.Posix as a program.</summary>
internal static class PosixSuite
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Vault.Posix");

    /// <summary>Runs its cases in a directory, with options before it and after it; fails with those that failed.</summary>
    public static void Run(string directory, string filter = "", params string[] options)
    {
        // Other users must get through to it.
        Shell.Bash($"chmod 755 {directory} {Path.GetDirectoryName(directory)}").Succeed();
        CommandResult result = Shell.Run([Program, .. options, directory, filter]);
        string failures = string.Join('\n', result.Output.Split('\n').Where(line => !line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.True(result.ExitCode == 0, $"{failures}\n{result.Error}");
    }
}
