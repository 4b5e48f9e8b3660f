using System.Buffers.Binary;

namespace Vault.Storage.Tests.Simulation;

/// <summary>Access control lists of the model, as acl(5) describes them: entries of a tag, permissions and a user or group.</summary>
internal static class ModelAcl
{
    public const string Access = "system.posix_acl_access";
    public const string Default = "system.posix_acl_default";

    private const int Owner = 1, User = 2, OwningGroup = 4, Group = 8, Mask = 16, Others = 32;

    private static readonly (int Tag, uint Permissions, uint Id)[][] s_lists =
    [
        [(Owner, 6, 0), (OwningGroup, 4, 0), (Others, 4, 0)],
        [(Owner, 7, 0), (User, 6, 1000), (OwningGroup, 5, 0), (Mask, 7, 0), (Others, 0, 0)],
        [(Owner, 6, 0), (OwningGroup, 7, 0), (Group, 1, 50), (Group, 4, 51), (Mask, 5, 0), (Others, 1, 0)],
        [(Owner, 0, 0), (OwningGroup, 0, 0), (Mask, 2, 0), (Others, 7, 0)],
        [(Owner, 7, 0), .. Enumerable.Range(0, 300).Select(i => (User, (uint)i % 8, (uint)i)), (OwningGroup, 5, 0), (Mask, 6, 0), (Others, 5, 0)],
    ];

    public static int Count => s_lists.Length;

    /// <summary>The value of the attribute for one of a few lists.</summary>
    public static byte[] List(int number) => Encode(s_lists[number]);

    /// <summary>Sets an access list: the mode follows, and a list that says nothing more is not kept.</summary>
    public static void SetAccess(ModelNode node, byte[] list)
    {
        (int Tag, uint Permissions, uint Id)[] entries = Decode(list);
        node.Mode = (node.Mode & ~0x1FFu) | ModeOf(entries);
        if (entries.Length > 3)
            node.Xattrs[Access] = list;
        else
            node.Xattrs.Remove(Access);
    }

    /// <summary>The mode was set: an access list follows.</summary>
    public static void OnModeSet(ModelNode node)
    {
        if (!node.Xattrs.TryGetValue(Access, out byte[]? list))
            return;
        bool hasMask = Decode(list).Any(e => e.Tag == Mask);
        node.Xattrs[Access] = Encode([.. Decode(list).Select(e => e with
        {
            Permissions = e.Tag switch
            {
                Owner => (node.Mode >> 6) & 7,
                Others => node.Mode & 7,
                Mask => (node.Mode >> 3) & 7,
                OwningGroup when !hasMask => (node.Mode >> 3) & 7,
                _ => e.Permissions,
            },
        })]);
    }

    /// <summary>Something was made in a directory.</summary>
    public static void Inherit(ModelNode directory, ModelNode made)
    {
        if ((made.Mode & ModeBits.TypeMask) == ModeBits.SymbolicLink || !directory.Xattrs.TryGetValue(Default, out byte[]? list))
            return;
        if (made.IsDirectory)
            made.Xattrs[Default] = list;
        uint asked = made.Mode;
        SetAccess(made, list);
        made.Mode = (made.Mode & ~0x1FFu) | (made.Mode & asked & 0x1FF);
        OnModeSet(made);
    }

    private static uint ModeOf((int Tag, uint Permissions, uint Id)[] entries)
    {
        uint Of(int tag) => entries.Single(e => e.Tag == tag).Permissions;
        return (Of(Owner) << 6) | (Of(entries.Any(e => e.Tag == Mask) ? Mask : OwningGroup) << 3) | Of(Others);
    }

    private static (int Tag, uint Permissions, uint Id)[] Decode(byte[] list) =>
    [
        .. Enumerable.Range(0, (list.Length - 4) / 8).Select(i => list.AsMemory(4 + (i * 8), 8)).Select(e =>
            ((int)BinaryPrimitives.ReadUInt16LittleEndian(e.Span), (uint)BinaryPrimitives.ReadUInt16LittleEndian(e.Span[2..]), BinaryPrimitives.ReadUInt32LittleEndian(e.Span[4..]))),
    ];

    private static byte[] Encode((int Tag, uint Permissions, uint Id)[] entries)
    {
        byte[] list = new byte[4 + (entries.Length * 8)];
        list[0] = 2;
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = list.AsSpan(4 + (i * 8), 8);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)entries[i].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[i].Tag is User or Group ? entries[i].Id : uint.MaxValue);
        }

        return list;
    }
}
