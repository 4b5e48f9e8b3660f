using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Vault.Cli.Commands;

/// <summary>The command line: parses, runs the command, and turns what went wrong into a message and an exit code.</summary>
internal static class VaultfsCommandLine
{
    public static ExitCode Run(string[] arguments)
    {
        using TextWriter output = StandardStreams.Output();
        using TextWriter error = StandardStreams.Error();
        return Run(arguments, output, error);
    }

    internal static ExitCode Run(string[] arguments, TextWriter output, TextWriter error)
    {
        // No response files: a path that begins with '@' is a path.
        ParseResult result = CommandLineParser.Parse(Build(), arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output,
            Error = error,
        };
        if (result.Action is ParseErrorAction)
        {
            return ReportUsage(result, error);
        }

        try
        {
            return (ExitCode)result.Invoke(configuration);
        }
        catch (Exception exception) when (FailureMap.Translate(exception) is { } failure)
        {
            error.WriteLine($"vaultfs: {failure.Message}");
            if (failure.Advice is { } advice)
            {
                error.WriteLine($"         {advice}");
            }

            return failure.ExitCode;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            error.WriteLine($"vaultfs: internal error: {exception}");
            return ExitCode.InternalError;
        }
    }

    internal static RootCommand Build() => new("Encrypted vaults: one file becomes a directory.")
    {
        CreateCommand.Build(),
        UnlockCommand.Build(),
        LockCommand.Build(),
        InfoCommand.Build(),
        ListCommand.Build(),
        CheckCommand.Build(),
        SalvageCommand.Build(),
    };

    private static ExitCode ReportUsage(ParseResult result, TextWriter error)
    {
        foreach (ParseError parseError in result.Errors)
        {
            error.WriteLine($"vaultfs: {parseError.Message}");
        }

        string command = result.CommandResult.Command is RootCommand ? "" : " " + result.CommandResult.Command.Name;
        error.WriteLine($"         'vaultfs{command} --help' shows what there is.");
        return ExitCode.Usage;
    }
}
