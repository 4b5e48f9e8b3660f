namespace Vault.Compare.Systems;

/// <summary>A file system in use.</summary>
/// <param name="Directory">Where the work is done.</param>
internal abstract class Mounted(string directory)
{
    public string Directory { get; } = directory;

    /// <summary>From the start of the mount until it answered; 0 for no mount.</summary>
    public double UnlockSeconds { get; protected init; }

    /// <summary>The server's process; null if there is none.</summary>
    public abstract int? Server { get; }

    /// <summary>Returns when its server has ended.</summary>
    /// <exception cref="IOException">It could not be unmounted in the ordinary way.</exception>
    public abstract void Unmount();

    /// <summary>Takes it away whatever happens, and ends its server.</summary>
    public abstract void Abandon();
}
