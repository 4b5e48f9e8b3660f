using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>
/// POSIX access control lists (acl(5)) in the form of their extended attributes, which is also the form on disk: version 2 (4), then
/// entries of tag (2), permissions (2), user or group id (4) (<c>linux/posix_acl_xattr.h</c>). Entries come in the order owner, users,
/// owning group, groups, mask, others.
/// </summary>
internal static class AccessControlList
{
    /// <summary>507 entries: the kernel reads a list into one page, and here it fits into an attribute's first piece.</summary>
    public const int MaxLength = HeaderSize + (507 * EntrySize);

    private const int HeaderSize = 4;
    private const int EntrySize = 8;
    private const uint Version = 2;
    private const uint Permissions = 7;

    private enum Tag : ushort
    {
        Owner = 1,
        User = 2,
        OwningGroup = 4,
        Group = 8,
        Mask = 16,
        Others = 32,
    }

    /// <summary>The list that decides about access.</summary>
    public static ReadOnlySpan<byte> AccessName => "system.posix_acl_access"u8;

    /// <summary>The list of a directory that what is made in it inherits.</summary>
    public static ReadOnlySpan<byte> DefaultName => "system.posix_acl_default"u8;

    public static bool IsName(ReadOnlySpan<byte> xattrName) => xattrName.SequenceEqual(AccessName) || xattrName.SequenceEqual(DefaultName);

    /// <summary>Whether a value is a list: one owner, owning group and others, and a mask where users or groups are named.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> list)
    {
        if (list.Length is < HeaderSize or > MaxLength || list.Length % EntrySize != HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(list) != Version)
            return false;
        Tag before = default;
        bool needsMask = false;
        for (ReadOnlySpan<byte> rest = list[HeaderSize..]; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            Tag tag = TagOf(rest);
            if (PermissionsOf(rest) > Permissions || !CanFollow(before, tag, needsMask))
                return false;
            needsMask |= tag is Tag.User or Tag.Group;
            before = tag;
        }

        return before == Tag.Others;
    }

    /// <summary>Whether a value is a list that an inode can have: symlinks have none, and only directories a default one.</summary>
    public static bool IsPossible(in InodeRecord record, ReadOnlySpan<byte> name, ReadOnlySpan<byte> list) =>
        IsWellFormed(list) && record.Type != ModeBits.SymbolicLink && (record.IsDirectory || !name.SequenceEqual(DefaultName));

    /// <summary>Whether a possible list gives the permission bits that the mode has; a default list has nothing to do with them.</summary>
    public static bool AgreesWith(in InodeRecord record, ReadOnlySpan<byte> name, ReadOnlySpan<byte> list) =>
        name.SequenceEqual(DefaultName) || ModeOf(list, out _) == (record.Mode & ModeBits.AllPermissions);

    /// <summary>The permission bits that a well-formed list gives: those of the owner, of the mask or owning group, and of others.</summary>
    /// <param name="list">The list.</param>
    /// <param name="isMinimal">Whether it says nothing more than these bits do.</param>
    public static uint ModeOf(ReadOnlySpan<byte> list, out bool isMinimal)
    {
        uint mode = 0;
        isMinimal = true;
        for (ReadOnlySpan<byte> rest = list[HeaderSize..]; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            uint permissions = PermissionsOf(rest);
            switch (TagOf(rest))
            {
                case Tag.Owner:
                    mode |= permissions << 6;
                    break;
                case Tag.OwningGroup:
                    mode |= permissions << 3;
                    break;
                case Tag.Mask:
                    mode = (mode & ~(Permissions << 3)) | (permissions << 3);
                    isMinimal = false;
                    break;
                case Tag.Others:
                    mode |= permissions;
                    break;
                default:
                    isMinimal = false;
                    break;
            }
        }

        return mode;
    }

    /// <summary>Makes a well-formed list say what new permission bits say (chmod): the group's bits are the mask's where there is one.</summary>
    public static void SetMode(Span<byte> list, uint mode)
    {
        Tag group = GroupClassOf(list);
        for (Span<byte> rest = list[HeaderSize..]; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            Tag tag = TagOf(rest);
            if (IsInMode(tag, group))
                SetPermissions(rest, (mode >> ShiftOf(tag)) & Permissions);
        }
    }

    /// <summary>Makes a copy of a default list the access list of what is made with some permissions: each class has what both allow.</summary>
    /// <param name="list">A well-formed default list; changed.</param>
    /// <param name="mode">The permissions asked for.</param>
    /// <returns>The permissions that it has then.</returns>
    public static uint Inherit(Span<byte> list, uint mode)
    {
        Tag group = GroupClassOf(list);
        for (Span<byte> rest = list[HeaderSize..]; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            Tag tag = TagOf(rest);
            if (!IsInMode(tag, group))
                continue;
            int shift = ShiftOf(tag);
            uint both = PermissionsOf(rest) & (mode >> shift);
            SetPermissions(rest, both);
            mode = (mode & ~(Permissions << shift)) | (both << shift);
        }

        return mode;
    }

    private static bool CanFollow(Tag before, Tag tag, bool needsMask) => tag switch
    {
        Tag.Owner => before == default,
        Tag.User => before is Tag.Owner or Tag.User,
        Tag.OwningGroup => before is Tag.Owner or Tag.User,
        Tag.Group => before is Tag.OwningGroup or Tag.Group,
        Tag.Mask => before is Tag.OwningGroup or Tag.Group,
        Tag.Others => before == Tag.Mask || (before == Tag.OwningGroup && !needsMask),
        _ => false,
    };

    // Whose entry the group bits of the mode are.
    private static Tag GroupClassOf(ReadOnlySpan<byte> list)
    {
        for (ReadOnlySpan<byte> rest = list[HeaderSize..]; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            if (TagOf(rest) == Tag.Mask)
                return Tag.Mask;
        }

        return Tag.OwningGroup;
    }

    private static bool IsInMode(Tag tag, Tag group) => tag is Tag.Owner or Tag.Others || tag == group;

    private static int ShiftOf(Tag tag) => tag switch
    {
        Tag.Owner => 6,
        Tag.Others => 0,
        _ => 3,
    };

    private static Tag TagOf(ReadOnlySpan<byte> entry) => (Tag)BinaryPrimitives.ReadUInt16LittleEndian(entry);

    private static uint PermissionsOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);

    private static void SetPermissions(Span<byte> entry, uint permissions) => BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)permissions);
}
