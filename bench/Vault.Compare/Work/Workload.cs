namespace Vault.Compare.Work;

/// <summary>What a client does for one row, in a directory of its own.</summary>
internal abstract class Workload(WorkPlan plan)
{
    protected WorkPlan Plan { get; } = plan;

    protected string Directory => Plan.Directory;

    protected WorkScale Scale => Plan.Scale;

    /// <summary>Allocates and warms what <see cref="Run"/> needs. Not measured. Touches nothing in the directory, which may have to be cold.</summary>
    public abstract void Prepare();

    /// <summary>The work that is measured.</summary>
    /// <returns>How many units (bytes, operations, files) were done; always the same for a plan.</returns>
    public abstract long Run();

    protected string In(string name) => Path.Combine(Directory, name);
}
