using System.Runtime.InteropServices;

namespace Vault.Storage;

/// <summary>
/// All inodes of a state in the order of their numbers, 28 bytes each, so that a check of a million files stays small. A
/// name is remembered by its key in the tree; paths are read from there when they are needed.
/// </summary>
internal sealed class InodeIndex
{
    private const int SegmentLength = 1 << 14;

    private readonly List<Entry[]> _segments = [];

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct Entry
    {
        public ulong Number;

        /// <summary>Item of the first directory entry that leads here.</summary>
        public ulong NameItem;

        /// <summary>Index of the directory that holds that entry; -1 if there is no name.</summary>
        public int NameDirectory;

        /// <summary>Names that lead here.</summary>
        public int NameCount;

        public InodeFacts Facts;

        public readonly uint Type => (uint)(Facts & InodeFacts.TypeMask) << 12;

        public readonly bool IsDirectory => Type == ModeBits.Directory;

        public readonly bool Is(InodeFacts facts) => (Facts & facts) != 0;

        public void SetType(uint mode) => Facts = (Facts & ~InodeFacts.TypeMask) | (InodeFacts)((mode & ModeBits.TypeMask) >> 12);
    }

    public int Count { get; private set; }

    public ref Entry this[int index] => ref _segments[index / SegmentLength][index % SegmentLength];

    /// <summary>Adds an inode whose number is above all others.</summary>
    public ref Entry Add(ulong number)
    {
        if (Count > 0 && number <= this[Count - 1].Number)
            throw new InvalidOperationException("Inodes were not shown in order.");
        if (Count % SegmentLength == 0)
            _segments.Add(new Entry[SegmentLength]);
        ref Entry entry = ref this[Count++];
        entry.Number = number;
        entry.NameDirectory = -1;
        return ref entry;
    }

    /// <summary>The first inode whose number is not below.</summary>
    public int LowerBound(ulong number)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (this[middle].Number < number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>An inode's index; -1 if it is unknown.</summary>
    public int Find(ulong number)
    {
        int index = LowerBound(number);
        return index < Count && this[index].Number == number ? index : -1;
    }

    /// <summary>An index that has inodes without a record too, and no names yet.</summary>
    /// <param name="missing">Their numbers, in any order, perhaps more than once.</param>
    public InodeIndex WithMissing(List<ulong> missing)
    {
        InodeIndex merged = new();
        int next = 0;
        foreach (ulong number in missing.Order().Distinct())
        {
            for (; next < Count && this[next].Number < number; next++)
                merged.Add(this[next].Number).Facts = this[next].Facts;
            if (next == Count || this[next].Number != number)
                merged.Add(number).Facts = InodeFacts.IsMissing;
        }

        for (; next < Count; next++)
            merged.Add(this[next].Number).Facts = this[next].Facts;
        return merged;
    }
}
