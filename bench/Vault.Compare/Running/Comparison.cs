using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Systems;
using Vault.Compare.Work;

namespace Vault.Compare.Running;

/// <summary>A whole run: in each round each group of rows on each system, one after the other; who is first changes.</summary>
internal sealed class Comparison(ComparisonSettings settings, Place place, IReadOnlyList<FileSystem> systems, Action<string> say)
{
    private const string Tree = "/usr/include";
    private const string QuickTree = "/usr/include/linux";

    private readonly string _sourceTree = settings.Quick ? QuickTree : Tree;

    private IReadOnlyCollection<Row> ToMeasure =>
        settings.Rows.Any(row => row.Group != RowGroup.Seen) ? settings.Rows : [.. RowCatalog.All];

    public ComparisonResult Run()
    {
        MachineDescription machine = MachineDescription.Read(place.Root);
        Recorder recorder = new(settings.Rows, say);
        foreach (FileSystem system in systems)
            system.Prepare(place);
        if (ToMeasure.Any(row => row.Group == RowGroup.Git))
            MakeRepository();
        for (int round = 0; round < settings.Rounds; round++)
            Round(round, recorder);

        return new(
            machine,
            new(settings.Rounds, settings.Clients, settings.Quick, Caches.CanDrop, DescribeTree(), [.. settings.Rows.Select(row => row.Name)]),
            [.. systems.Select(system => new SystemDescription(system.Label, system.Part, system.Version, system.Options))],
            recorder.Cells);
    }

    private void Round(int round, Recorder recorder)
    {
        Dictionary<FileSystem, Seen> seen = systems.ToDictionary(system => system, _ => new Seen());
        foreach (RowGroup group in Enum.GetValues<RowGroup>())
        {
            IReadOnlyList<Row> rows = RowCatalog.ToRun(group, ToMeasure);
            if (rows.Count == 0 || group == RowGroup.Seen)
                continue;
            for (int index = 0; index < systems.Count; index++)
            {
                FileSystem system = systems[(index + round) % systems.Count];
                say($"round {round + 1} of {settings.Rounds}: {group}: {system.Label}");
                new GroupRun(place, system, rows, directory => Plans(directory, round), recorder, seen[system]).Run();
            }
        }

        foreach ((FileSystem system, Seen found) in seen.Where(pair => pair.Value.UnlockSeconds.Count > 0))
        {
            recorder.Add(RowCatalog.Get(RowCatalog.Memory), system.Label, new(found.PeakMib));
            recorder.Add(RowCatalog.Get(RowCatalog.Unlock), system.Label, new(Statistics.Median(found.UnlockSeconds)));
        }
    }

    private IReadOnlyList<WorkPlan> Plans(string directory, int round) =>
        [.. Enumerable.Range(0, settings.Clients).Select(client => new WorkPlan(
            Path.Combine(directory, $"client-{client}"), settings.Quick ? WorkScale.Quick : WorkScale.Full, _sourceTree, place.In("repository"), (round * 1000) + client))];

    private void MakeRepository()
    {
        string repository = place.In("repository");
        _ = Tool.Run(place, "cp", "-a", _sourceTree, repository);
        _ = Tool.Run(place, "git", "-C", repository, "init", "-q");
        _ = Tool.Run(place, "git", "-C", repository, "add", "-A");
        _ = Tool.Run(place, "git", "-C", repository, "commit", "-q", "-m", "all");
    }

    private string DescribeTree()
    {
        FileInfo[] files = [.. new DirectoryInfo(_sourceTree).EnumerateFiles("*", SearchOption.AllDirectories)];
        return $"{_sourceTree}: {files.Length} files, {files.Where(file => file.LinkTarget is null).Sum(file => file.Length) / 1e6:0} MB";
    }
}
