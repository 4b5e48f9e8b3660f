namespace Vault.Storage;

/// <summary>Makes the table of counts of shared chunks agree with the records that there are.</summary>
internal sealed class SharedRecount(Dictionary<ulong, ulong> counts) : ITreeVisitor
{
    /// <param name="volume">Its tree's lock is held exclusively.</param>
    /// <param name="log">Receives what was corrected.</param>
    /// <param name="candidates">First blocks of all units that several records may lead to.</param>
    public static void Run(Volume volume, RepairLog log, IEnumerable<ulong> candidates)
    {
        Dictionary<ulong, ulong> counts = candidates.ToDictionary(address => address, _ => 0UL);
        LiveTree.Walk(volume.Tree, new SharedRecount(counts), new TreeKey(TableId.Chunks, 0), new TreeKey(TableId.Chunks + 1, 0));
        List<(TreeKey Key, byte[] Value)> wrong = LiveTree.Where(volume.Tree, TableId.SharedChunks, TableId.SharedChunks, (in TreeKey key, ReadOnlySpan<byte> value) =>
            key.Item != 0 || SharedChunks.CountIn(value) == 0 || SharedChunks.CountIn(value) != counts.GetValueOrDefault(key.Object));
        foreach ((TreeKey key, _) in wrong)
            volume.Tree.Remove(key);
        long missing = 0;
        foreach ((ulong address, ulong count) in counts)
        {
            if (count < SharedChunks.MinCount || volume.Tree.Contains(SharedChunks.KeyOf(new BlockAddress(address))))
                continue;
            SharedChunks.Put(volume.Tree, new BlockAddress(address), count);
            missing++;
        }

        log.Add("The counts of {0} shared chunks were corrected.", Math.Max(wrong.Count, missing));
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (ChunkRecord.TryRead(value, out BlockPointer pointer) && counts.TryGetValue(pointer.Address.Value, out ulong count))
            counts[pointer.Address.Value] = count + 1;
    }
}
