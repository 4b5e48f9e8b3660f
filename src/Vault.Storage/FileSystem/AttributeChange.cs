namespace Vault.Storage;

/// <summary>Which fields of an <see cref="AttributeChange"/> are set.</summary>
[Flags]
public enum AttributeChanges
{
    /// <summary>Nothing; legal.</summary>
    None = 0,

    /// <summary>The permission bits.</summary>
    Mode = 1,

    /// <summary>The owner.</summary>
    UserId = 2,

    /// <summary>The group.</summary>
    GroupId = 4,

    /// <summary>The size: truncate or extend.</summary>
    Size = 8,

    /// <summary>The access time, from the field.</summary>
    AccessTime = 16,

    /// <summary>The modification time, from the field.</summary>
    ModifyTime = 32,

    /// <summary>The access time, to now.</summary>
    AccessTimeNow = 64,

    /// <summary>The modification time, to now.</summary>
    ModifyTimeNow = 128,

    /// <summary>The change time, from the field (the writeback cache keeps it); else it becomes now.</summary>
    ChangeTime = 256,

    /// <summary>Clear set-user-id, and set-group-id if group execute is set; not of a directory.</summary>
    ClearSetIds = 512,
}

/// <summary>What <c>setattr</c> changes: all at once or not at all.</summary>
public struct AttributeChange
{
    /// <summary>Which of the fields count.</summary>
    public AttributeChanges Fields;

    /// <summary>Permission bits; a type in it is ignored.</summary>
    public uint Mode;

    /// <summary>New owner.</summary>
    public uint UserId;

    /// <summary>New group.</summary>
    public uint GroupId;

    /// <summary>New size in bytes.</summary>
    public long SizeBytes;

    /// <summary>New access time.</summary>
    public Timestamp AccessTime;

    /// <summary>New modification time.</summary>
    public Timestamp ModifyTime;

    /// <summary>New change time.</summary>
    public Timestamp ChangeTime;
}
