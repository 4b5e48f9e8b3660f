namespace Vault.Storage.Tests;

/// <summary>What one thread does again and again, and what it expects of it.</summary>
internal abstract class StressTask(VaultFileSystem fileSystem)
{
    private volatile string _doing = "nothing yet";
    private long _steps;

    /// <summary>What the thread is at: told if it does not come back.</summary>
    public string Doing
    {
        get => _doing;
        protected set => _doing = value;
    }

    public long Steps => Interlocked.Read(ref _steps);

    protected VaultFileSystem FileSystem { get; } = fileSystem;

    public void Step(Random random)
    {
        StepCore(random);
        Interlocked.Increment(ref _steps);
    }

    /// <summary>Compares once more when all threads have ended; also on the vault as it was opened again.</summary>
    public virtual void CheckAtEnd(VaultFileSystem opened)
    {
    }

    protected abstract void StepCore(Random random);

    protected static void Succeeds(Errno outcome) => Assert.Equal(Errno.None, outcome);
}
