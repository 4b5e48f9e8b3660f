namespace Vault.Storage;

/// <summary>What <see cref="VaultFileSystem.Seek"/> looks for, with Linux's values.</summary>
public enum SeekTarget : uint
{
    /// <summary><c>SEEK_DATA</c>.</summary>
    Data = 3,

    /// <summary><c>SEEK_HOLE</c>; the end of the file is one.</summary>
    Hole = 4,
}
