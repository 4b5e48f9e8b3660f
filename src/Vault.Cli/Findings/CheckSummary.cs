using System.Text.Json;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>How a check ended. The members of <c>check --json</c> beside the findings: names here are a contract.</summary>
internal sealed record CheckSummary
{
    /// <summary>Absolute path of the container.</summary>
    public required string Vault { get; init; }

    /// <summary><c>clean</c>, <c>inconsistent</c>, <c>damaged</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public required string Result { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The state that was checked.</summary>
    public ulong? Generation { get; init; }

    public long? Files { get; init; }

    public long? Directories { get; init; }

    public long? CheckedBytes { get; init; }

    /// <summary>Findings of each kind.</summary>
    public IReadOnlyDictionary<string, long>? Counts { get; init; }

    /// <summary>What a repair did; null if none was asked for.</summary>
    public IReadOnlyList<string>? Actions { get; init; }

    public required double Seconds { get; init; }

    public static ExitCode CodeOf(CheckReport report) =>
        report.IsClean ? ExitCode.Success : report.HasLostData ? ExitCode.DamageFound : ExitCode.InconsistencyFound;

    public static CheckSummary Of(string vault, CheckReport report, IReadOnlyList<string>? actions, TimeSpan elapsed) => new()
    {
        Vault = vault,
        Result = WordOf(CodeOf(report)),
        Generation = report.Generation,
        Files = report.Files,
        Directories = report.Directories,
        CheckedBytes = report.CheckedBytes,
        Counts = FindingView.Counts(report.Findings),
        Actions = actions,
        Seconds = SecondsOf(elapsed),
    };

    public static CheckSummary Of(string vault, CliException failure, TimeSpan elapsed) => new()
    {
        Vault = vault,
        Result = WordOf(failure),
        Error = failure.Message,
        Seconds = SecondsOf(elapsed),
    };

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, OutputJson.OnOneLine.CheckSummary);

    /// <summary>The lines for a person: what a repair did, and the sum.</summary>
    public static IReadOnlyList<string> Lines(CheckReport report, IReadOnlyList<string>? actions, TimeSpan elapsed)
    {
        string found = report.IsClean ? "" : $": {FindingCounts.Describe(report.Findings)}";
        return
        [
            .. actions ?? [],
            $"Checked {Quantity.Files(report.Files)} and {Quantity.Directories(report.Directories)}, {ByteSize.Of(report.CheckedBytes)} in {SecondsOf(elapsed):F1} s (generation {report.Generation}): {WordOf(CodeOf(report))}{found}.",
        ];
    }

    /// <summary>The result of what did not come to its end.</summary>
    public static string WordOf(CliException failure) => failure.ExitCode == ExitCode.Cancelled ? "cancelled" : "failed";

    public static double SecondsOf(TimeSpan elapsed) => Math.Round(elapsed.TotalSeconds, 3);

    private static string WordOf(ExitCode code) => code switch
    {
        ExitCode.Success => "clean",
        ExitCode.DamageFound => "damaged",
        _ => "inconsistent",
    };
}
