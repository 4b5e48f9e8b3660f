namespace Vault.Storage.Tests;

/// <summary>A known bug: lines of a source file to be replaced, and the test classes that must notice it.</summary>
/// <param name="Name">Names it on the command line.</param>
/// <param name="IsAlwaysRun">Whether every run of the tests puts it in.</param>
/// <param name="Suites">Names of test classes.</param>
/// <param name="Project">Name of the project that is changed.</param>
/// <param name="File">Path in the project.</param>
/// <param name="Changes">What is put in the place of what.</param>
internal sealed record Mutation(
    string Name, bool IsAlwaysRun, IReadOnlyList<string> Suites, string Project, string File, IReadOnlyList<Mutation.Change> Changes)
{
    /// <summary>Lines that follow each other at exactly one place (indentation does not count), and those in their place.</summary>
    public sealed record Change(List<string> Removed, List<string> Added);

    /// <summary>Reads a list of mutations (the form is described at its head).</summary>
    public static List<Mutation> ParseAll(string text) => [.. text
        .Split('\n')
        .Where(l => !l.StartsWith('#'))
        .Aggregate(new List<List<string>>(), AddToSection)
        .Select(Parse)];

    /// <summary>The source with the bug in it.</summary>
    /// <exception cref="InvalidOperationException">The lines are not there, or more than once.</exception>
    public string Apply(string source)
    {
        List<string> lines = [.. source.Split('\n')];
        foreach (Change change in Changes)
        {
            int[] places = [.. Enumerable.Range(0, lines.Count - change.Removed.Count + 1)
                .Where(at => change.Removed.Index().All(r => lines[at + r.Index].Trim() == r.Item.Trim()))];
            if (places.Length != 1)
                throw new InvalidOperationException($"Mutation '{Name}': '{change.Removed[0].Trim()}' and what follows is {places.Length} times in {File}, not once. The code has changed: adapt the list.");
            lines.RemoveRange(places[0], change.Removed.Count);
            lines.InsertRange(places[0], change.Added);
        }

        return string.Join('\n', lines);
    }

    private static List<List<string>> AddToSection(List<List<string>> sections, string line)
    {
        if (line.StartsWith("== ", StringComparison.Ordinal))
            sections.Add([]);
        if (sections.Count > 0 && line.Trim().Length > 0)
            sections[^1].Add(line);
        return sections;
    }

    private static Mutation Parse(List<string> section)
    {
        string[] head = section[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string path = Field(section, "in ");
        string project = path[..path.IndexOf('/', StringComparison.Ordinal)];
        List<Change> changes = [.. section.Where(l => l[0] is '-' or '+').Aggregate(new List<Change>(), AddToChange)];
        if (changes.Count == 0)
            throw new FormatException($"Mutation '{head[1]}' changes nothing.");
        return new Mutation(head[1], head[^1] == "*", Field(section, "suite ").Split(' '), project, path[(project.Length + 1)..], changes);
    }

    private static List<Change> AddToChange(List<Change> changes, string line)
    {
        if (line[0] == '-' && (changes.Count == 0 || changes[^1].Added.Count > 0))
            changes.Add(new Change([], []));
        (line[0] == '-' ? changes[^1].Removed : changes[^1].Added).Add(line[1..]);
        return changes;
    }

    private static string Field(List<string> section, string name) =>
        section.Single(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();
}
