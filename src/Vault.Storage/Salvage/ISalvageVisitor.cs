namespace Vault.Storage;

/// <summary>Sees what the states of a vault say together about a range of keys, in the order of keys.</summary>
internal interface ISalvageVisitor
{
    /// <summary>A key and its value. The value is valid during the call.</summary>
    /// <param name="state">Index of the newest state that can read it.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Checked for nothing but its tag.</param>
    void OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value);

    /// <summary>A state cannot read a range of keys. The entries of the next older one follow, if there is one.</summary>
    /// <param name="state">Index of the state.</param>
    /// <param name="low">No key of the range is below.</param>
    /// <param name="end">Every key of the range is below.</param>
    /// <param name="isLost">There is none.</param>
    void OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost);
}
