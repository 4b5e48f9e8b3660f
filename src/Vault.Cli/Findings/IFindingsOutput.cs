using System.Text.Json;

namespace Vault.Cli;

/// <summary>Where a check or a salvage prints what it finds, as it comes: there may be millions of findings. For one thread.</summary>
internal interface IFindingsOutput
{
    /// <param name="line">The finding for a person.</param>
    /// <param name="view">The same for a program.</param>
    void Write(string line, FindingView view);

    /// <summary>Prints how it ended.</summary>
    /// <param name="lines">For a person.</param>
    /// <param name="summary">An object for a program.</param>
    void End(IReadOnlyList<string> lines, JsonElement summary);
}
