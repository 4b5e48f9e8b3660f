namespace Vault.Storage;

/// <summary>Receives the entries of a directory in cookie order.</summary>
public interface IDirectorySink
{
    /// <summary>Takes one entry. Runs under the tree's shared lock: must not call the file system and must not block.</summary>
    /// <param name="cookie">Where to go on after this entry: opaque, positive, stable while the directory changes.</param>
    /// <param name="name">1 to 255 bytes; valid only during the call.</param>
    /// <param name="attributes">
    /// The entry's attributes; only inode and mode type are set when they were not asked for, always for "." and "..",
    /// and where the inode is damaged (its link count is then 0).
    /// </param>
    /// <returns><see langword="false"/> if there was no room: the entry was not taken, the scan stops.</returns>
    bool TryAdd(ulong cookie, ReadOnlySpan<byte> name, in InodeAttributes attributes);
}
