namespace Vault.Storage;

/// <summary>What a check remembers of an inode: its type, and what is still to be seen of it.</summary>
[Flags]
internal enum InodeFacts : ushort
{
    None = 0,

    /// <summary>Type bits of the mode, shifted down by 12.</summary>
    TypeMask = 0xF,

    /// <summary>There is no record that can be read: only names or content lead to it.</summary>
    IsMissing = 0x10,

    /// <summary>A directory that has entries which can be read.</summary>
    HasEntries = 0x20,

    /// <summary>Leads up to the root.</summary>
    IsReached = 0x40,

    /// <summary>Does not.</summary>
    IsCutOff = 0x80,

    /// <summary>On the way up that is being followed: to meet it again is a loop.</summary>
    IsOnTheWay = 0x100,

    /// <summary>The record says that there are chunks, and none was seen yet. The same for the other tables.</summary>
    ExpectsChunks = 0x200,
    ExpectsInlineData = 0x400,
    ExpectsTarget = 0x800,
    ExpectsXattrs = 0x1000,
    ExpectsOrphan = 0x2000,

    /// <summary>The record says that there are extended attributes.</summary>
    HasXattrs = 0x4000,

    /// <summary>The record says that content is lost, and the table has not said yet what.</summary>
    ExpectsLostContent = 0x8000,

    ReachMask = IsReached | IsCutOff | IsOnTheWay,
    ExpectsMask = ExpectsChunks | ExpectsInlineData | ExpectsTarget | ExpectsXattrs | ExpectsOrphan | ExpectsLostContent,
}
