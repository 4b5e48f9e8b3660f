namespace Vault.Cli;

/// <summary>A command cannot do what it was asked for. Printed to standard error; never a bug of ours.</summary>
/// <param name="exitCode">What the process returns.</param>
/// <param name="message">What happened, to which path.</param>
/// <param name="advice">What to do, or null if the message says it.</param>
/// <param name="inner">The cause.</param>
internal sealed class CliException(ExitCode exitCode, string message, string? advice = null, Exception? inner = null)
    : Exception(message, inner)
{
    public ExitCode ExitCode { get; } = exitCode;

    public string? Advice { get; } = advice;
}
