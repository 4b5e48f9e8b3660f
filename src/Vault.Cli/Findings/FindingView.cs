using System.Text.Json;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>An element of <c>findings</c> in <c>--json</c> output: names here are a contract.</summary>
/// <param name="Kind">The kind in small letters with hyphens: <c>file-data</c>.</param>
/// <param name="Inode">The inode, or null if it concerns none.</param>
/// <param name="Path">Its path, or null.</param>
/// <param name="OffsetBytes">First byte affected, or null if unknown.</param>
/// <param name="LengthBytes">How many, or null.</param>
/// <param name="Detail">What is wrong.</param>
internal sealed record FindingView(string Kind, ulong? Inode, string? Path, long? OffsetBytes, long? LengthBytes, string Detail)
{
    /// <summary>The kind of what a salvage could read but not make on the host.</summary>
    public const string NotCopied = "not-copied";

    public static FindingView Of(CheckFinding finding) => new(
        NameOf(finding.Kind),
        finding.Inode == 0 ? null : finding.Inode,
        finding.Path,
        finding.OffsetBytes < 0 ? null : finding.OffsetBytes,
        finding.LengthBytes == 0 ? null : finding.LengthBytes,
        finding.Detail);

    public static string NameOf(CheckFindingKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    public static IReadOnlyDictionary<string, long> Counts(IReadOnlyDictionary<CheckFindingKind, long> findings) =>
        findings.OrderBy(pair => pair.Key).ToDictionary(pair => NameOf(pair.Key), pair => pair.Value);
}
