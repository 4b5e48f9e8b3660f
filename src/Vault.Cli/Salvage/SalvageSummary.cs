using System.Text.Json;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>How a salvage ended. The members of <c>salvage --json</c> beside the findings: names here are a contract.</summary>
internal sealed record SalvageSummary
{
    /// <summary>Absolute path of the container.</summary>
    public required string Vault { get; init; }

    /// <summary>Absolute path of the directory copied to.</summary>
    public required string Directory { get; init; }

    /// <summary><c>complete</c>, <c>incomplete</c>, <c>cancelled</c> or <c>failed</c>.</summary>
    public required string Result { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The newest state that could be used.</summary>
    public ulong? Generation { get; init; }

    /// <summary>States that something was taken from.</summary>
    public int? StatesUsed { get; init; }

    public long? Files { get; init; }

    public long? Directories { get; init; }

    public long? CopiedBytes { get; init; }

    public long? IncompleteFiles { get; init; }

    /// <summary>What the host refused to make.</summary>
    public long? NotCopied { get; init; }

    /// <summary>Files whose owner could not be set.</summary>
    public long? OtherOwner { get; init; }

    /// <summary>Findings of each kind, those about the host left out.</summary>
    public IReadOnlyDictionary<string, long>? Counts { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Damaged spare copies and superblock slots cost nothing: everything came out all the same.</summary>
    public static ExitCode CodeOf(SalvageReport report, long problems) =>
        problems == 0 && report.IncompleteFiles == 0 && !report.Findings.Keys.Any(kind => kind <= CheckFindingKind.TreePage)
            ? ExitCode.Success
            : ExitCode.SalvageIncomplete;

    public static SalvageSummary Of(string vault, string directory, SalvageReport report, HostSalvageSink sink, TimeSpan elapsed) => new()
    {
        Vault = vault,
        Directory = directory,
        Result = WordOf(CodeOf(report, sink.ProblemCount)),
        Generation = report.NewestGeneration,
        StatesUsed = report.StatesUsed,
        Files = report.Files,
        Directories = report.Directories,
        CopiedBytes = report.CopiedBytes,
        IncompleteFiles = report.IncompleteFiles,
        NotCopied = sink.ProblemCount,
        OtherOwner = sink.OtherOwnerCount,
        Counts = FindingView.Counts(report.Findings),
        Seconds = CheckSummary.SecondsOf(elapsed),
    };

    public static SalvageSummary Of(string vault, string directory, CliException failure, TimeSpan elapsed) => new()
    {
        Vault = vault,
        Directory = directory,
        Result = CheckSummary.WordOf(failure),
        Error = failure.Message,
        Seconds = CheckSummary.SecondsOf(elapsed),
    };

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, OutputJson.OnOneLine.SalvageSummary);

    /// <summary>The sum for a person.</summary>
    public static IReadOnlyList<string> Lines(string directory, SalvageReport report, HostSalvageSink sink, TimeSpan elapsed)
    {
        List<string> lines =
        [
            $"Copied {Quantity.Files(report.Files)} and {Quantity.Directories(report.Directories)}, {ByteSize.Of(report.CopiedBytes)} in {CheckSummary.SecondsOf(elapsed):F1} s, to {directory} (as of generation {report.NewestGeneration}): {WordOf(CodeOf(report, sink.ProblemCount))}.",
        ];
        if (report.StatesUsed > 1)
        {
            lines.Add($"What the newest state lacks was taken from {Quantity.Of(report.StatesUsed - 1, "older one", "older ones")}.");
        }

        if (report.IncompleteFiles > 0)
        {
            lines.Add($"{Quantity.Of(report.IncompleteFiles, "file has gaps", "files have gaps")}; they read as zeros.");
        }

        if (sink.OtherOwnerCount > 0)
        {
            lines.Add($"{sink.OtherOwnerCount} of them are yours now instead of their owner's, without set-user-id and set-group-id: only root can set owners.");
        }

        return lines;
    }

    private static string WordOf(ExitCode code) => code == ExitCode.Success ? "complete" : "incomplete";
}
