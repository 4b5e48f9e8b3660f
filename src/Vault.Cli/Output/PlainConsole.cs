using Spectre.Console;

namespace Vault.Cli;

/// <summary>A Spectre console that only lays out text: no colours, and no path is ever folded.</summary>
internal static class PlainConsole
{
    /// <summary>Four times the longest path.</summary>
    private const int UnboundedWidth = 16 * 1024;

    public static IAnsiConsole For(TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = UnboundedWidth;
        return console;
    }
}
