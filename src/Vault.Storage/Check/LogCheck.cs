using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Checks the intent log that goes on from a state.</summary>
internal static class LogCheck
{
    /// <summary>Its segment lies where nothing else does.</summary>
    public static void Place(CheckContext context)
    {
        LogStart start = context.State.Log;
        if (!start.IsNone && (!start.Segment.LiesWithin(context.Medium.LengthBytes) || !context.Reached.TryAdd(start.Segment.AsUnit)))
            context.Log.Add(CheckFindingKind.IntentLog, start.Segment.AsUnit, "The log of synced changes lies where it cannot be.");
    }

    /// <summary>What was synced since can be read: the log, and the chunks that it names. Nobody appends to it meanwhile.</summary>
    public static void Content(IMedium medium, VaultCipher cipher, Superblock state, CheckLog log)
    {
        LogScan scan = LogScan.Of(medium, cipher, state);
        if (scan.IsDamaged)
            log.Add(CheckFindingKind.IntentLog, state.Log.Segment.AsUnit, FormattableString.Invariant($"The log of synced changes is damaged: of the syncs since generation {state.Generation} the first {scan.Appends.Count} can be read."));
        long damaged = DamagedChunks(scan, new SealedUnits(medium, cipher, session: null));
        if (damaged > 0)
            log.Add(CheckFindingKind.IntentLog, state.Log.Segment.AsUnit, FormattableString.Invariant($"{damaged} chunks of files do not authenticate that were synced since generation {state.Generation}."));
        if (scan.NewerGeneration > 0)
            log.Add(CheckFindingKind.IntentLog, state.Log.Segment.AsUnit, FormattableString.Invariant($"Generation {scan.NewerGeneration} was durable, and its superblock cannot be read."));
    }

    // None of them is in use again before the next state but one is durable. The last append may have been cut off before its chunks.
    private static long DamagedChunks(LogScan scan, SealedUnits units)
    {
        byte[] buffer = PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes);
        byte[] chunk = PinnedBufferPool.Shared.Rent(LogSegment.MaxBlocks * ContainerLayout.BlockSize);
        HashSet<ulong> damaged = [];
        try
        {
            foreach (LogAppend append in scan.Appends.SkipLast(scan.IsDamaged ? 0 : 1))
            {
                LogRecordReader records = new(scan.Read(append, buffer, out _), append.Place.OffsetBytes);
                while (records.MoveNext(out LogRecord record))
                {
                    if (LogReplay.NamesChunk(record, out BlockPointer pointer) && !units.TryReadCopy(pointer, pointer.Address, chunk.AsSpan(0, pointer.SizeOfUnit)))
                        damaged.Add(pointer.Address.Value);
                }
            }
        }
        finally
        {
            PinnedBufferPool.Shared.Return(chunk);
            PinnedBufferPool.Shared.Return(buffer);
        }

        return damaged.Count;
    }
}
