using Vault.Storage;
using Xunit;

namespace Vault.Cli.Tests.Findings;

public sealed class FindingTextTests
{
    // Goal: a finding reads as one sentence that names what a person knows: a path and a range of bytes before numbers.
    // Method: one of each form.
    [Theory]
    [InlineData(CheckFindingKind.FileData, 9UL, "photos/a.jpg", 65536, 32768, "photos/a.jpg: bytes 65536-98303 unreadable")]
    [InlineData(CheckFindingKind.FileData, 9UL, null, 0, 1, "inode 9: bytes 0-0 unreadable")]
    [InlineData(CheckFindingKind.FileData, 9UL, "a", -1, 0, "a: words")]
    [InlineData(CheckFindingKind.Inode, 9UL, "a", -1, 0, "a: words")]
    [InlineData(CheckFindingKind.DirectoryEntries, 1UL, "", -1, 0, "the root directory: words")]
    [InlineData(CheckFindingKind.SpareCopy, 0UL, null, 4096, 16384, "container at byte 4096: words")]
    [InlineData(CheckFindingKind.SpaceMap, 0UL, null, -1, 0, "container: words")]
    public void A_finding_is_one_line(CheckFindingKind kind, ulong inode, string? path, long offset, long length, string expected) =>
        Assert.Equal(expected, FindingText.Of(new CheckFinding(kind, inode, path, offset, length, "words")));

    // Goal: each kind can be named and counted.
    // Method: exhaustive.
    [Fact]
    public void Every_kind_has_words()
    {
        Dictionary<CheckFindingKind, long> one = Enum.GetValues<CheckFindingKind>().ToDictionary(kind => kind, _ => 1L);

        Assert.Equal(one.Count, FindingCounts.Describe(one).Split(", ").Distinct().Count());
        Assert.Equal(one.Count, FindingView.Counts(one).Count);
        Assert.Equal("2 unreadable ranges of files, 1 mistake in the space map", FindingCounts.Describe(
            new Dictionary<CheckFindingKind, long> { [CheckFindingKind.SpaceMap] = 1, [CheckFindingKind.FileData] = 2 }));
    }
}
