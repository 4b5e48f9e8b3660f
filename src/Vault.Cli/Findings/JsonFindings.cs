using System.Text.Json;

namespace Vault.Cli;

/// <summary>One JSON object: an array <c>findings</c>, a line each, written as they come; then the members of the summary.</summary>
internal sealed class JsonFindings : IFindingsOutput
{
    private readonly TextWriter _output;
    private bool _hasFindings;

    public JsonFindings(TextWriter output)
    {
        _output = output;
        _output.Write("{\n  \"findings\": [");
    }

    /// <inheritdoc/>
    public void Write(string line, FindingView view)
    {
        _output.Write($"{(_hasFindings ? "," : "")}\n    {JsonSerializer.Serialize(view, OutputJson.OnOneLine.FindingView)}");
        _hasFindings = true;
    }

    /// <inheritdoc/>
    public void End(IReadOnlyList<string> lines, JsonElement summary)
    {
        _output.Write(_hasFindings ? "\n  ]" : "]");
        foreach (JsonProperty member in summary.EnumerateObject())
        {
            _output.Write($",\n  \"{member.Name}\": {member.Value.GetRawText()}");
        }

        _output.WriteLine("\n}");
    }
}
