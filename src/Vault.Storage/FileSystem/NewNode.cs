namespace Vault.Storage;

/// <summary>What an inode that is to be made shall be.</summary>
public struct NewNode
{
    /// <summary>Type and permissions, before <see cref="Umask"/>.</summary>
    public uint Mode;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group; a set-group-id directory gives its own instead.</summary>
    public uint GroupId;

    /// <summary>Of a device node, in the kernel's <c>new_encode_dev</c> form.</summary>
    public uint DeviceNumber;

    /// <summary>Permissions to take away, unless a default access control list is inherited.</summary>
    public uint Umask;

    /// <summary>Whether access control lists are in force: a default one of the directory is inherited then.</summary>
    public bool InheritsAcl;
}
