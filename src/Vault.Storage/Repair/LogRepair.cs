using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Brings what the intent log holds into a repaired tree, before anything is mended by it.</summary>
internal static class LogRepair
{
    /// <summary>What the log names, and where it lies, is not to be written to. Blocks that the container got since are for the replay.</summary>
    public static void MarkUsed(LogScan log, ReachedBlocks used)
    {
        foreach (LogSegment segment in log.Segments)
            used.Mark(segment.AsUnit);
        byte[] buffer = PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes);
        try
        {
            foreach (LogAppend append in log.Appends)
                MarkUsed(new LogRecordReader(log.Read(append, buffer, out _), append.Place.OffsetBytes), used);
        }
        catch (VaultCorruptionException)
        {
            // No records: the replay tells.
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }
    }

    /// <summary>Replays the log, seals what it holds, and frees it: held back like all that the states before need.</summary>
    /// <param name="volume">From which pages that cannot be read were taken out. No lock is held.</param>
    /// <param name="log">Of the state that is repaired.</param>
    /// <param name="lostRuns">Content without records, as the state had it; what the log has records of is taken out.</param>
    /// <param name="options">Limits of memory.</param>
    /// <param name="actions">Is told.</param>
    public static void Replay(Volume volume, LogScan log, List<LostRun> lostRuns, VaultOpenOptions options, RepairLog actions)
    {
        InodeTable inodes = new(volume.Tree);
        ChunkTable chunks = new(volume.Tree);
        DirtyData dirty = new(volume, inodes, chunks, options.DirtyDataBytes);
        try
        {
            int syncs = new LogReplay(volume, dirty, new ContentAccess(volume, dirty, inodes, chunks), log).Run();
            actions.Add("{0} syncs since the last commit were brought back from the log.", syncs);
            actions.Add("What was synced after the place where the log is damaged is lost.", log.IsDamaged ? 1 : 0);
            dirty.FlushAll(gateIsExclusive: false);
        }
        catch (VaultCorruptionException) when (volume.Failure is null)
        {
            actions.Add("The log holds what no sync can have written: as much of it as can be used was brought back.");
        }
        finally
        {
            dirty.Discard();
        }

        foreach (LogSegment segment in log.Segments)
            volume.Space.FreeLogged(segment);
        List<LostRun> stillLost = [.. lostRuns.SelectMany(run => WithoutStored(volume.Tree, run))];
        lostRuns.Clear();
        lostRuns.AddRange(stillLost);
    }

    private static void MarkUsed(LogRecordReader records, ReachedBlocks used)
    {
        while (records.MoveNext(out LogRecord record))
        {
            if (LogReplay.NamesChunk(record, out BlockPointer pointer))
                used.Mark(pointer);
            else if (record.Kind == LogRecordKind.Free)
                used.Mark(record.Run.AsUnit);
        }
    }

    private static List<LostRun> WithoutStored(CopyOnWriteTree tree, LostRun run)
    {
        List<LostRun> left = [];
        ulong first = run.First;
        TreeKey end = new(TableId.Chunks, run.Inode, run.End);
        TreeScan scan = tree.Scan(new TreeKey(TableId.Chunks, run.Inode, run.First));
        while (scan.MoveNext(end))
        {
            ulong stored = scan.Key.Item;
            if (stored > first)
                left.Add(new LostRun(run.Inode, first, stored));
            first = stored + 1;
        }

        if (first < run.End)
            left.Add(new LostRun(run.Inode, first, run.End));
        return left;
    }
}
