using Vault.Storage;

namespace Vault.Cli;

/// <summary>A finding as one line for a person. Paths come escaped: nothing in them can act on a terminal.</summary>
internal static class FindingText
{
    /// <summary><c>photos/a.jpg: bytes 65536-98303 unreadable</c>, or the finding's own words after what it concerns.</summary>
    public static string Of(CheckFinding finding)
    {
        string what = finding.Kind == CheckFindingKind.FileData && finding is { OffsetBytes: >= 0, LengthBytes: > 0 }
            ? $"bytes {finding.OffsetBytes}-{finding.OffsetBytes + (finding.LengthBytes - 1)} unreadable"
            : finding.Detail;
        return $"{SubjectOf(finding)}: {what}";
    }

    private static string SubjectOf(CheckFinding finding) => finding switch
    {
        { Path: "" } => "the root directory",
        { Path: { } path } => path,
        { Inode: not 0 } => $"inode {finding.Inode}",
        { OffsetBytes: >= 0 } => $"container at byte {finding.OffsetBytes}",
        _ => "container",
    };
}
