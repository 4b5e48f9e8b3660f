using System.Text;
using Vault.Testing;

namespace Vault.Storage.Tests;

/// <summary>
/// Compiles copies of source projects, each with one bug, against the others as they were built. Everything lies in a
/// directory of its own below the checkout's build output, and goes with it.
/// </summary>
internal sealed class MutantBuild : IDisposable
{
    private static readonly TimeSpan TimeoutPerMutant = TimeSpan.FromMinutes(3);

    private readonly string _configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private readonly string _framework = new DirectoryInfo(AppContext.BaseDirectory).Name;

    public MutantBuild() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", $"mutants-{Environment.ProcessId}"));

    /// <summary>Compiles all at once, which shares what each build begins with.</summary>
    /// <returns>Path of each mutation's assembly.</returns>
    public Dictionary<Mutation, string> Compile(IReadOnlyList<Mutation> mutations)
    {
        Dictionary<Mutation, string> assemblies = [];
        StringBuilder projects = new();
        foreach (Mutation mutation in mutations)
        {
            string source = Path.Combine(Root, mutation.Name, "src");
            foreach (string project in (string[])["Vault.Crypto", "Vault.Storage"])
                CopyProject(project, Path.Combine(source, project));
            string mutated = Path.Combine(source, mutation.Project);
            string file = Path.Combine(mutated, mutation.File);
            File.WriteAllText(file, mutation.Apply(File.ReadAllText(file)));
            assemblies[mutation] = Path.Combine(mutated, "obj", _configuration, _framework, $"{mutation.Project}.dll");
            File.Delete(assemblies[mutation]);
            projects.AppendLine($"<Mutant Include=\"{Path.Combine(mutated, mutation.Project)}.csproj\" />");
        }

        string list = Path.Combine(Root, "mutants.proj");
        string properties = $"Configuration={_configuration};BuildProjectReferences=false;RunAnalyzers=false;TreatWarningsAsErrors=false;GenerateDocumentationFile=false;UseSharedCompilation=false";
        File.WriteAllText(list, $"""
            <Project DefaultTargets="All">
            <ItemGroup>
            {projects}</ItemGroup>
            <Target Name="All"><MSBuild Projects="@(Mutant)" Targets="Compile" Properties="{properties}" BuildInParallel="true" ContinueOnError="true" /></Target>
            </Project>
            """);
        (_, string output) = Command.Run(Root, TimeoutPerMutant * mutations.Count, "dotnet", "msbuild", list, "-maxCpuCount", "-nodeReuse:false", "-nologo", "-verbosity:quiet");
        foreach ((Mutation mutation, string assembly) in assemblies)
        {
            if (!File.Exists(assembly))
                throw new InvalidOperationException($"Mutation '{mutation.Name}' does not compile:\n{output}");
        }

        return assemblies;
    }

    /// <summary>Makes a copy of these tests that runs with one assembly put in the place of the built one.</summary>
    /// <returns>The directory of the copy.</returns>
    public string CopyTests(string name, string? assembly)
    {
        string copy = Path.Combine(Root, name, "run");
        CopyTree(AppContext.BaseDirectory, copy);
        if (assembly is not null)
            File.Copy(assembly, Path.Combine(copy, Path.GetFileName(assembly)), overwrite: true);
        return copy;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void CopyProject(string project, string target)
    {
        string source = Path.Combine(Repository.Root, "src", project);
        CopyTree(source, target, d => d.Name != "bin");
    }

    private static void CopyTree(string source, string target, Func<DirectoryInfo, bool>? isWanted = null)
    {
        Directory.CreateDirectory(target);
        foreach (FileInfo file in new DirectoryInfo(source).EnumerateFiles())
            file.CopyTo(Path.Combine(target, file.Name));
        foreach (DirectoryInfo directory in new DirectoryInfo(source).EnumerateDirectories().Where(isWanted ?? (_ => true)))
            CopyTree(directory.FullName, Path.Combine(target, directory.Name), isWanted);
    }
}
