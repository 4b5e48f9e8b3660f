namespace Vault.Cli;

/// <summary>What the control socket can ask of a mounted vault. Called from several threads at once.</summary>
internal interface IServedVault
{
    ServerStatus Status { get; }

    /// <summary>Unmounts and waits until the last commit is done.</summary>
    LockReply Lock(bool force);
}
