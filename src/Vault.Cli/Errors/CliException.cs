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

    /// <summary>One for all: their messages, a line each; code and advice are those of the first.</summary>
    /// <param name="failures">At least one.</param>
    public static CliException Of(IReadOnlyList<CliException> failures) => failures.Count == 1
        ? failures[0]
        : new CliException(failures[0].ExitCode, string.Join("\nvaultfs: ", failures.Select(failure => failure.Message)), failures[0].Advice, failures[0]);
}
