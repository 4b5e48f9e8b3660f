using Spectre.Console;

namespace Vault.Cli;

/// <summary>A Spectre console that fits where the output goes.</summary>
internal static class PlainConsole
{
    /// <summary>Wide enough that no path is folded where nobody looks at columns.</summary>
    private const int UnboundedWidth = 16 * 1024;

    public static IAnsiConsole For(TextWriter output)
    {
        bool isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = UnboundedWidth;
        }

        return console;
    }
}
