namespace Vault.Cli;

/// <summary>One line to a server's control socket.</summary>
/// <param name="Command"><see cref="Status"/> or <see cref="Lock"/>.</param>
/// <param name="Force">For lock: detach though processes use the mount.</param>
internal sealed record ControlRequest(string Command, bool Force = false)
{
    public const string Status = "status";
    public const string Lock = "lock";
}

/// <summary>The one line that answers: exactly one of the three is set.</summary>
internal sealed record ControlReply(ServerStatus? Status = null, LockReply? Lock = null, string? Error = null);

/// <summary>How a lock ended.</summary>
internal enum LockOutcome
{
    /// <summary>Unmounted, committed; the server is about to exit.</summary>
    Locked,

    /// <summary>Nothing changed: processes use the mount.</summary>
    Busy,

    /// <summary>Nothing changed: the kernel or fusermount3 refused.</summary>
    Refused,

    /// <summary>The mount point is free, but processes still hold files open; the server goes on for them.</summary>
    DetachedInUse,

    /// <summary>Unmounted, but the last commit failed.</summary>
    CommitFailed,
}

/// <summary>A process that uses a mount.</summary>
internal sealed record MountUser(int Pid, string Name);

/// <param name="Outcome">How it ended.</param>
/// <param name="Processes">Who uses the mount, for <see cref="LockOutcome.Busy"/> and <see cref="LockOutcome.DetachedInUse"/>.</param>
/// <param name="Message">Why, for the failures.</param>
internal sealed record LockReply(LockOutcome Outcome, IReadOnlyList<MountUser> Processes, string? Message = null);
