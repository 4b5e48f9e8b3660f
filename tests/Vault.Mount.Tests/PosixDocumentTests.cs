using System.Text.RegularExpressions;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>docs/posix.md promises nothing that no test shows.</summary>
public sealed partial class PosixDocumentTests
{
    private static readonly string[] Statuses = ["yes", "limit 1", "limit 2", "limit 3", "limit 4", "limit 5", "limit 6", "limit 7", "limit 8"];

    // Goal: each row has a status and is shown by cases or tests that exist.
    // Method: every name in the last column is a test in the sources, a group of cases, or the beginning of a case's name.
    [Fact]
    public void Every_row_names_what_shows_it()
    {
        string[] cases = Cases();
        List<string[]> rows = Rows();

        Assert.True(rows.Count > 50);
        Assert.All(rows, row =>
        {
            Assert.Contains(row[1], Statuses);
            string[] names = Names(row);
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(IsTest(name) || cases.Any(rule => rule.StartsWith(name.Contains(": ", StringComparison.Ordinal) ? name : name + ": ", StringComparison.Ordinal)), $"{row[0]}: '{name}' does not exist"));
        });
    }

    // Goal: what the suite knows is in the document.
    // Method: each group of cases is named by a row.
    [Fact]
    public void Every_group_of_cases_is_in_the_document()
    {
        HashSet<string> named = [.. Rows().SelectMany(Names)];

        Assert.All(Cases().Select(rule => rule.Split(": ")[0]).Distinct(), group => Assert.Contains(group, named));
    }

    private static string[] Cases() =>
        Shell.Run([Path.Combine(AppContext.BaseDirectory, "Vault.Posix"), "--list"]).Succeed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static List<string[]> Rows() =>
    [
        .. File.ReadLines(Path.Combine(Checkout.Root, "docs/posix.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith("| shown by |", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)),
    ];

    private static string[] Names(string[] row) => [.. Quoted().Matches(row[2]).Select(match => match.Groups[1].Value)];

    private static bool IsTest(string name) => name.Split('.') is [var type, var method]
        && Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), type + ".cs", SearchOption.AllDirectories)
            .Any(file => Regex.IsMatch(File.ReadAllText(file), $@"\[(Fact|Theory)\](\s+\[[^\n]*)*\s+public (static )?(async )?(void|Task) {Regex.Escape(method)}\("));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
