namespace Vault.Compare.Work;

/// <summary>Workloads by name.</summary>
internal static class WorkCatalog
{
    private static readonly Dictionary<string, Func<WorkPlan, Workload>> s_makers = new()
    {
        ["write"] = plan => new LargeFile.Write(plan),
        ["read"] = plan => new LargeFile.Read(plan, threads: 1),
        ["read-4"] = plan => new LargeFile.Read(plan, threads: 4),
        ["random-read"] = plan => new LargeFile.Random(plan, threads: 1, writesInTen: 0),
        ["random-read-4"] = plan => new LargeFile.Random(plan, threads: 4, writesInTen: 0),
        ["random-write"] = plan => new LargeFile.Random(plan, threads: 1, writesInTen: 10),
        ["mixed-4"] = plan => new LargeFile.Random(plan, threads: 4, writesInTen: 3),
        ["mapped-read"] = plan => new LargeFile.Mapped(plan),
        ["synced-write"] = plan => new SmallWrites.Synced(plan),
        ["append"] = plan => new SmallWrites.Appended(plan),
        ["create"] = plan => new FileTree.Create(plan),
        ["stat"] = plan => new FileTree.Stat(plan),
        ["read-files"] = plan => new FileTree.Read(plan),
        ["rename"] = plan => new FileTree.Rename(plan),
        ["delete"] = plan => new FileTree.Delete(plan),
        ["list"] = plan => new Programs.List(plan),
        ["copy"] = plan => new Programs.Copy(plan),
        ["tar"] = plan => new Programs.Tar(plan),
        ["sqlite"] = plan => new Programs.Sqlite(plan),
        ["git"] = plan => new Programs.Git(plan),
    };

    public static Workload Make(string name, WorkPlan plan) =>
        s_makers.TryGetValue(name, out Func<WorkPlan, Workload>? make) ? make(plan) : throw new ArgumentException($"There is no workload '{name}'.", nameof(name));
}
