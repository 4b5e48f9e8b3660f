namespace Vault.Storage;

/// <summary>Kinds of damage that a check tells apart, in the order of what a person loses by them.</summary>
public enum CheckFindingKind
{
    /// <summary>A range of a file's content cannot be read.</summary>
    FileData,

    /// <summary>An inode, its symlink target or its extended attributes cannot be read.</summary>
    Inode,

    /// <summary>Entries of a directory cannot be read, or name an inode that cannot.</summary>
    DirectoryEntries,

    /// <summary>A page of the tree cannot be read: what it held is named by findings of its own where it is known.</summary>
    TreePage,

    /// <summary>The log of what was synced since the last commit is damaged, or goes on from a newer state that is lost.</summary>
    IntentLog,

    /// <summary>Tables contradict each other: link counts, sizes, parents, order of keys. Nothing is unreadable.</summary>
    Inconsistency,

    /// <summary>The space map is unreadable, or says something else than what the tree reaches. Nothing is unreadable.</summary>
    SpaceMap,

    /// <summary>One of two copies of a page or of the header is damaged; the other one is whole.</summary>
    SpareCopy,

    /// <summary>A superblock slot does not authenticate.</summary>
    SuperblockSlot,
}
