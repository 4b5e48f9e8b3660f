namespace Vault.Crypto;

/// <summary>Sees every nonce as it is drawn. For tests, which fail on a repeat.</summary>
internal interface INonceObserver
{
    /// <summary>Called before the unit is sealed, on the sealing thread.</summary>
    /// <param name="id">The vault.</param>
    /// <param name="salt">The session salt: with the vault and <paramref name="key"/> it determines the key.</param>
    /// <param name="key">Which of the session's keys.</param>
    /// <param name="sequence">The nonce under that key.</param>
    void OnDrawn(VaultId id, UInt128 salt, UnitKey key, ulong sequence);
}
