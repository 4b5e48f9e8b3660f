using System.Xml.Linq;
using Vault.Testing;

namespace Vault.Storage.Tests;

/// <summary>The checkers checked: each known bug is put into a copy of the product, and its suite must fail.</summary>
public sealed class MutationTests
{
    /// <summary>Names the mutation to run, or 'all': tests/mutate.sh sets it.</summary>
    private const string SelectionVariable = "VAULTFS_MUTATIONS";

    private const string All = "all";
    private const string List = "tests/Vault.Storage.Tests/Mutations/mutations.txt";

    private static readonly TimeSpan RunTimeout = TimeSpan.FromMinutes(10);

    // Goal: the suites notice the bugs that they are there for: a green run means something.
    // Method: compile the product with one bug at a time and run the suites that must fail; and once without a bug, when
    // they must pass. Nothing of this is in the product itself.
    [Fact]
    public void Known_bugs_are_caught()
    {
        string selection = Environment.GetEnvironmentVariable(SelectionVariable) ?? "";
        List<Mutation> mutations = [.. Mutation.ParseAll(Repository.Read(List))
            .Where(m => selection == All || (selection.Length == 0 ? m.IsAlwaysRun : m.Name == selection))];
        Assert.True(mutations.Count > 0, $"{List} has no mutation '{selection}'.");
        IReadOnlyList<string> controls = selection.Length == 0 ? [nameof(SyncTests)] : [.. mutations.SelectMany(m => m.Suites).Distinct()];

        using MutantBuild build = new();
        Dictionary<Mutation, string> assemblies = build.Compile(mutations);
        Outcome control = default;
        Outcome[] outcomes = new Outcome[mutations.Count];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(-1, mutations.Count, parallel, i =>
        {
            if (i < 0)
                control = Run(build, "control", null, controls);
            else
                outcomes[i] = Run(build, mutations[i].Name, assemblies[mutations[i]], mutations[i].Suites);
        });

        string report = string.Join('\n', mutations.Zip(outcomes, (m, o) => $"{m.Name}: {(o.Failed > 0 ? $"caught by {o.FirstFailure}" : "SURVIVED")}"));
        TestContext.Current.TestOutputHelper!.WriteLine(report);
        Assert.True(control.Failed == 0, $"The suites fail without any bug put in: {control.FirstFailure}");
        Assert.True(outcomes.All(o => o.Failed > 0), report);
    }

    // Goal: no entry of the list has become stale, though few are compiled in each run.
    [Fact]
    public void Every_mutation_fits_the_source()
    {
        List<Mutation> mutations = Mutation.ParseAll(Repository.Read(List));
        Assert.Equal(mutations.Count, mutations.Select(m => m.Name).Distinct().Count());
        Assert.All(mutations, mutation =>
        {
            string source = Repository.Read($"src/{mutation.Project}/{mutation.File}");
            Assert.NotEqual(source, mutation.Apply(source));
            Assert.All(mutation.Suites, s => Assert.Contains(typeof(MutationTests).Assembly.GetTypes(), t => t.Name == s));
        });
    }

    private static Outcome Run(MutantBuild build, string name, string? assembly, IReadOnlyList<string> suites)
    {
        string directory = build.CopyTests(name, assembly);
        string results = Path.Combine(directory, "results.xml");
        List<string> arguments = ["-noLogo", "-noColor", "-parallel", "none", "-xml", results];
        if (assembly is not null)
            arguments.Add("-stopOnFail");
        foreach (string suite in suites)
            arguments.AddRange(["-class", $"*.{suite}"]);
        string program = Path.Combine(directory, typeof(MutationTests).Assembly.GetName().Name!);
        (int exitCode, string output) = Command.Run(directory, RunTimeout, program, [.. arguments]);
        if (!File.Exists(results))
            throw new InvalidOperationException($"The tests of '{name}' ended with code {exitCode} and no results:\n{output}");
        List<XElement> tests = [.. XDocument.Load(results).Descendants("test")];
        Assert.True(tests.Count > 0, $"No test ran for '{name}':\n{output}");
        List<XElement> failed = [.. tests.Where(t => (string?)t.Attribute("result") == "Fail")];
        string? firstFailure = (string?)failed.FirstOrDefault()?.Attribute("name");
        return new Outcome(failed.Count, firstFailure);
    }

    private readonly record struct Outcome(int Failed, string? FirstFailure);
}
