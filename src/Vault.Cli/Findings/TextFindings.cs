using System.Text.Json;

namespace Vault.Cli;

/// <summary>One line a finding, then the summary.</summary>
internal sealed class TextFindings(TextWriter output) : IFindingsOutput
{
    /// <inheritdoc/>
    public void Write(string line, FindingView view) => output.WriteLine(line);

    /// <inheritdoc/>
    public void End(IReadOnlyList<string> lines, JsonElement summary)
    {
        foreach (string line in lines)
        {
            output.WriteLine(line);
        }
    }
}
