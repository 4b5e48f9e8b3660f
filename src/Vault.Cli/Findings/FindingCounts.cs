using Vault.Storage;

namespace Vault.Cli;

/// <summary>Numbers of findings of each kind, in words.</summary>
internal static class FindingCounts
{
    /// <returns><c>2 unreadable ranges of files, 1 mistake of the space map</c>; empty if there are none.</returns>
    public static string Describe(IReadOnlyDictionary<CheckFindingKind, long> findings) => string.Join(", ", findings
        .OrderBy(pair => pair.Key)
        .Select(pair => Describe(pair.Key, pair.Value)));

    private static string Describe(CheckFindingKind kind, long count)
    {
        (string one, string many) = kind switch
        {
            CheckFindingKind.FileData => ("unreadable range of a file", "unreadable ranges of files"),
            CheckFindingKind.Inode => ("unreadable inode", "unreadable inodes"),
            CheckFindingKind.DirectoryEntries => ("directory with unreadable entries", "directories with unreadable entries"),
            CheckFindingKind.TreePage => ("unreadable page of the tree", "unreadable pages of the tree"),
            CheckFindingKind.IntentLog => ("fault of the log", "faults of the log"),
            CheckFindingKind.Inconsistency => ("contradiction", "contradictions"),
            CheckFindingKind.SpaceMap => ("mistake in the space map", "mistakes in the space map"),
            CheckFindingKind.SpareCopy => ("damaged spare copy", "damaged spare copies"),
            CheckFindingKind.SuperblockSlot => ("unreadable superblock slot", "unreadable superblock slots"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind without words."),
        };
        return Quantity.Of(count, one, many);
    }
}
