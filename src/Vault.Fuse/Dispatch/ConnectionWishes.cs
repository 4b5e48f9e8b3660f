using Vault.Storage;

namespace Vault.Fuse.Dispatch;

/// <summary>What a mount's options want of the connection to the kernel.</summary>
internal sealed record ConnectionWishes
{
    /// <summary>Whether the kernel is to collect writes.</summary>
    public bool WritebackCache { get; init; } = true;

    /// <summary>Whether POSIX access control lists are to be in force.</summary>
    public bool AccessControlLists { get; init; } = true;

    /// <summary>What is to be durable when its reply is sent, beside what the kernel asks for itself.</summary>
    public DurableReplies Durable { get; init; }

    /// <summary>When reading moves access times: the kernel leaves that to us.</summary>
    public AccessTimes AccessTimes { get; init; }
}
