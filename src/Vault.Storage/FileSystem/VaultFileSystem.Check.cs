namespace Vault.Storage;

/// <content>Checking a vault while it is in use.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>
    /// Commits, and verifies the state that is durable then as a whole, from the medium, while work goes on. Space that is
    /// freed meanwhile is not reused before the end. See <see cref="VaultChecker.Check"/>.
    /// </summary>
    /// <param name="onFinding">Receives each finding when it is made, on the caller's thread.</param>
    /// <param name="progress">Is told every few MiB, on the caller's thread.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="VaultException">
    /// The commit failed; or NoSpace: the host got full, and what the check keeps from being reused was needed.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public CheckReport Check(Action<CheckFinding> onFinding, IProgress<CheckProgress>? progress, CancellationToken cancellation)
    {
        if (!_volume.IsReadOnly)
            _committer.Sync();
        Superblock state = _committer.PinDurable();
        try
        {
            CheckLog log = new(onFinding, progress, cancellation) { Interrupt = ThrowIfPinIsInTheWay };
            FixedPartsCheck.Header(_volume.Medium, _header, state, log);
            int[] before = [.. _ring.Read().BadSlots];
            CheckReport report = StateCheck.Run(_volume.Medium, _volume.Cipher, state, _volume.ChunkSize, log, cancellation);

            // A slot that was being written when it was read is whole by now.
            FixedPartsCheck.Slots(before.Intersect(_ring.Read().BadSlots), log);
            return report;
        }
        finally
        {
            _committer.Unpin();
        }
    }

    private void ThrowIfPinIsInTheWay()
    {
        if (_volume.Space.PinIsInTheWay)
            throw new VaultException(VaultFailure.NoSpace, "The check was broken off: the host is full, and the space that the check kept from being reused was needed. Make room and start it again.");
    }
}
