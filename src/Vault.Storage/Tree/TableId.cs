namespace Vault.Storage;

/// <summary>The ordered tables of the tree; first part of every key. Numbers are on disk.</summary>
internal enum TableId : byte
{
    /// <summary>(inode, 0) -> inode record.</summary>
    Inodes = 1,

    /// <summary>(directory, name hash and collision number) -> directory entry.</summary>
    DirectoryEntries = 2,

    /// <summary>(inode, chunk index) -> chunk record.</summary>
    Chunks = 3,

    /// <summary>(inode, 0) -> the whole content of a small file.</summary>
    InlineData = 4,

    /// <summary>(inode, 0) -> target.</summary>
    SymlinkTargets = 5,

    /// <summary>(inode, attribute number and piece number) -> piece of an extended attribute.</summary>
    Xattrs = 6,

    /// <summary>(inode, 0) -> empty: an inode without a name, to be deleted.</summary>
    Orphans = 7,

    /// <summary>Snapshots.</summary>
    Snapshots = 8,

    /// <summary>(last generation, 0) -> lineage entry of a session.</summary>
    Lineage = 9,

    /// <summary>(block address, 0) -> reference count of a shared chunk.</summary>
    SharedChunks = 10,

    /// <summary>(inode, last chunk of a run) -> first chunk of the run: content that is lost for good.</summary>
    LostContent = 11,
}
