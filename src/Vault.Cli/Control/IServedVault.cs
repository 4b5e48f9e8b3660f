using Vault.Storage;

namespace Vault.Cli;

/// <summary>What the control socket can ask of a mounted vault. Called from several threads at once.</summary>
internal interface IServedVault
{
    ServerStatus Status { get; }

    /// <summary>Unmounts and waits until the last commit is done.</summary>
    LockReply Lock(bool force);

    /// <summary>Cancelled when the vault closes: a check must end then.</summary>
    CancellationToken Closing { get; }

    /// <summary>Checks the newest durable state, unless another check is running.</summary>
    /// <param name="onFinding">Gets findings as they come, on this thread.</param>
    /// <param name="progress">Called often, on this thread.</param>
    /// <param name="cancellation">Ends it; must follow <see cref="Closing"/>.</param>
    CheckReply Check(Action<CheckFinding> onFinding, IProgress<CheckProgress> progress, CancellationToken cancellation);
}
