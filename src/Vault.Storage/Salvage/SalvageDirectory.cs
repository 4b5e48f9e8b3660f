namespace Vault.Storage;

/// <summary>The entries of one directory, as far as any state can read them.</summary>
internal sealed class SalvageDirectory : ISalvageVisitor
{
    private SalvageDirectory()
    {
    }

    /// <summary>One entry.</summary>
    /// <param name="Name">Not checked.</param>
    /// <param name="Inode">What it leads to.</param>
    /// <param name="Type">The inode's type bits, as the entry has them.</param>
    /// <param name="State">Index of the state that it is from.</param>
    public readonly record struct Entry(byte[] Name, ulong Inode, uint Type, int State);

    public List<Entry> Entries { get; } = [];

    /// <summary>Entries that no state can read are lost.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Index of the oldest state that entries had to be looked for in.</summary>
    public int OldestState { get; private set; }

    public static SalvageDirectory Read(SalvageStates states, ulong inode)
    {
        SalvageDirectory directory = new();
        states.Walk(new TreeKey(TableId.DirectoryEntries, inode), LostRanges.After(TableId.DirectoryEntries, inode), directory);
        return directory;
    }

    /// <summary>Whether a name can be a file's; nothing else may reach the target.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= DirectoryTable.MaxNameLength && !name.ContainsAny((byte)'/', (byte)0) && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);

    void ISalvageVisitor.OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (value.Length < DirectoryTable.NameOffset)
        {
            IsIncomplete = true;
            return;
        }

        DirectoryEntry entry = DirectoryTable.DecodeAnyName(key.Item, value);
        Entries.Add(new Entry(DirectoryTable.NameOf(value).ToArray(), entry.Inode.Value, entry.Type, state));
    }

    void ISalvageVisitor.OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost)
    {
        IsIncomplete |= isLost;
        OldestState = Math.Max(OldestState, isLost ? state : state + 1);
    }
}
