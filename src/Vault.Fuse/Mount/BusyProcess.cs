namespace Vault.Fuse.Mount;

/// <summary>A process that keeps a mount busy.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="Command">Its name, of up to 15 characters; "?" if it cannot be read.</param>
/// <param name="Use">What of it lies in the mount.</param>
public sealed record BusyProcess(int ProcessId, string Command, BusyUse Use);

/// <summary>How a process uses a mount.</summary>
[Flags]
public enum BusyUse
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>Its working directory.</summary>
    WorkingDirectory = 1,

    /// <summary>Its root directory.</summary>
    RootDirectory = 2,

    /// <summary>The program that it runs.</summary>
    Program = 4,

    /// <summary>An open file or directory.</summary>
    OpenFile = 8,

    /// <summary>A file mapped into its memory.</summary>
    MappedFile = 16,
}
