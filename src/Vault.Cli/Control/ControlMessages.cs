using Vault.Storage;

namespace Vault.Cli;

/// <summary>One line to a server's control socket.</summary>
/// <param name="Command"><see cref="Status"/>, <see cref="Lock"/> or <see cref="Check"/>.</param>
/// <param name="Force">For lock: detach though processes use the mount.</param>
internal sealed record ControlRequest(string Command, bool Force = false)
{
    public const string Status = "status";
    public const string Lock = "lock";
    public const string Check = "check";
}

/// <summary>
/// A line that answers: exactly one of its members is set. A check is answered by many, of which the last one has
/// <see cref="Check"/> or <see cref="Error"/>; everything else by one.
/// </summary>
internal sealed record ControlReply(
    ServerStatus? Status = null,
    LockReply? Lock = null,
    CheckFinding? Finding = null,
    CheckProgress? Progress = null,
    CheckReply? Check = null,
    string? Error = null);

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

/// <summary>How a check ended.</summary>
internal enum CheckOutcome
{
    /// <summary>There is a report.</summary>
    Completed,

    /// <summary>The vault is being locked, or nobody listens any more.</summary>
    Cancelled,

    /// <summary>Nothing was checked: another check runs.</summary>
    AlreadyRunning,

    /// <summary>It broke off.</summary>
    Failed,
}

/// <param name="Outcome">How it ended.</param>
/// <param name="Report">The report of a check that completed.</param>
/// <param name="Code">Of <see cref="CheckOutcome.Failed"/>: the exit code that says why.</param>
/// <param name="Message">Of <see cref="CheckOutcome.Failed"/>: what happened.</param>
internal sealed record CheckReply(CheckOutcome Outcome, CheckReport? Report = null, ExitCode Code = ExitCode.Success, string? Message = null);
