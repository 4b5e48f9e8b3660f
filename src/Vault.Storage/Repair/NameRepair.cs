using System.Globalization;
using System.Text;

namespace Vault.Storage;

/// <summary>Brings directory entries in order: each can be found, no directory has two names, every inode has one that leads to it.</summary>
internal sealed class NameRepair(Volume volume, RepairLog log)
{
    private readonly CopyOnWriteTree _tree = volume.Tree;
    private readonly InodeTable _inodes = new(volume.Tree);
    private readonly DirectoryTable _names = new(volume.Tree, volume.Cipher);
    private InodeNumber? _lostFound;

    /// <summary>Removes entries that nobody can use, and puts those right that no lookup finds.</summary>
    public void MendEntries(InodeIndex index)
    {
        HashSet<(ulong Directory, string Name)> sameHash = [];
        ulong lastHash = 0;
        List<(TreeKey Key, byte[] Value)> bad = LiveTree.Where(_tree, TableId.DirectoryEntries, TableId.DirectoryEntries, (in TreeKey key, ReadOnlySpan<byte> value) =>
        {
            if (!DirectoryTable.IsWellFormed(value) || !_names.IsPlaceOf(key.Item, DirectoryTable.NameOf(value)) || IsSurplus(index, key, value))
                return true;
            if (DirectoryTable.HashOf(key.Item) != lastHash)
                sameHash.Clear();
            lastHash = DirectoryTable.HashOf(key.Item);
            return !sameHash.Add((key.Object, Convert.ToHexString(DirectoryTable.NameOf(value))));
        });
        foreach ((TreeKey key, _) in bad)
            _tree.Remove(key); // all of them first: the search for a place meets none that is malformed
        foreach ((TreeKey key, byte[] value) in bad)
        {
            if (DirectoryTable.IsWellFormed(value) && !IsSurplus(index, key, value) && !_names.IsPlaceOf(key.Item, DirectoryTable.NameOf(value)))
                PutInPlace(key, value);
            else
                log.Add("{0} directory entries that no lookup finds, or that give a directory a second name, were removed.");
        }
    }

    /// <summary>Breaks loops of directories and gives what no name leads to a name in lost+found.</summary>
    public void LinkLost(InodeIndex index)
    {
        for (int i = 0; i < index.Count; i++)
        {
            InodeIndex.Entry entry = index[i];
            bool isRoot = entry.Number == InodeNumber.Root.Value;
            if (!isRoot && entry.NameCount == 0 && IsAlive(entry))
                LinkInLostFound(entry);
            else if (!isRoot && entry.Is(InodeFacts.IsCutOff) && entry.NameCount > 0 && IsFirstOfLoop(index, i))
                BreakLoop(index, entry);
        }
    }

    private static bool IsSurplus(InodeIndex index, in TreeKey key, ReadOnlySpan<byte> value)
    {
        int directory = index.Find(key.Object);
        int target = index.Find(DirectoryTable.Decode(key.Item, value).Inode.Value);
        if (directory < 0 || target < 0 || !index[directory].IsDirectory || index[target].Number == InodeNumber.Root.Value)
            return true;
        InodeIndex.Entry inode = index[target];
        return inode.IsDirectory && (inode.NameDirectory != directory || inode.NameItem != key.Item);
    }

    private void PutInPlace(in TreeKey key, ReadOnlySpan<byte> value)
    {
        DirectoryEntry entry = DirectoryTable.Decode(key.Item, value);
        HashedName name = _names.Hash(DirectoryTable.NameOf(value));
        InodeNumber directory = new(key.Object);
        if (_names.TryFind(directory, name, out _, out ulong item) || item == 0)
            return;
        _names.Put(directory, item, name, entry.Inode, entry.Type);
        log.Add("{0} names were put where lookups find them.");
    }

    // An inode that was deleted and only waits to be freed stays without a name.
    private bool IsAlive(in InodeIndex.Entry entry) =>
        entry.Is(InodeFacts.HasEntries) || !_inodes.TryGet(new InodeNumber(entry.Number), out InodeRecord record) || record.LinkCount > 0;

    // The lowest number of a loop is where it is broken; what hangs on the loop comes along.
    private static bool IsFirstOfLoop(InodeIndex index, int start)
    {
        int at = index[start].NameDirectory;
        for (int steps = 0; steps < index.Count && at > start; steps++)
            at = index[at].NameDirectory;
        return at == start;
    }

    private void BreakLoop(InodeIndex index, in InodeIndex.Entry entry)
    {
        _names.Remove(new InodeNumber(index[entry.NameDirectory].Number), entry.NameItem);
        LinkInLostFound(entry);
    }

    private void LinkInLostFound(in InodeIndex.Entry entry)
    {
        InodeNumber directory = _lostFound ??= FindLostFound();
        uint type = _inodes.TryGet(new InodeNumber(entry.Number), out InodeRecord record) ? record.Type : entry.Type;
        string wanted = string.Create(CultureInfo.InvariantCulture, $"#{entry.Number}");
        AddName(directory, wanted, new InodeNumber(entry.Number), type);
        log.Add("{0} inodes that no name led to were linked in lost+found, under their numbers.");
    }

    // The first of lost+found, lost+found-2 and so on that is a directory, whatever its entry says, or is not there yet.
    private InodeNumber FindLostFound()
    {
        for (int i = 1; ; i++)
        {
            HashedName name = _names.Hash(Numbered("lost+found", i));
            if (_names.TryFind(InodeNumber.Root, name, out DirectoryEntry entry, out ulong item))
            {
                if (_inodes.TryGet(entry.Inode, out InodeRecord record) && record.IsDirectory)
                    return entry.Inode;
            }
            else if (item != 0)
            {
                InodeNumber made = MakeLostFound();
                _names.Put(InodeNumber.Root, item, name, made, ModeBits.Directory);
                return made;
            }
        }
    }

    private InodeNumber MakeLostFound()
    {
        _inodes.TryGet(InodeNumber.Root, out InodeRecord root);
        InodeNumber inode = volume.NewInode();
        Timestamp now = volume.Clock.Now;
        _inodes.Put(inode, new InodeRecord
        {
            Mode = ModeBits.Directory | Convert.ToUInt32("700", 8),
            LinkCount = 2,
            UserId = root.UserId,
            GroupId = root.GroupId,
            Parent = InodeNumber.Root.Value,
            AccessTime = now,
            ModifyTime = now,
            ChangeTime = now,
            BirthTime = now,
        });
        return inode;
    }

    private void AddName(InodeNumber directory, string wanted, InodeNumber inode, uint type)
    {
        for (int i = 1; ; i++)
        {
            HashedName name = _names.Hash(Numbered(wanted, i));
            if (_names.TryFind(directory, name, out _, out ulong item) || item == 0)
                continue;
            _names.Put(directory, item, name, inode, type);
            return;
        }
    }

    private static byte[] Numbered(string name, int i) => Encoding.UTF8.GetBytes(i == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"));
}
