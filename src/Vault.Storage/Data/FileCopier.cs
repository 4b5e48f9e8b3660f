using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Copies a range of a file to another: chunks are shared where both ranges fall on chunks alike, the rest is read and written.
/// </summary>
internal sealed class FileCopier(Volume volume, ChunkSharer sharer, FileReader reader, FileWriter writer)
{
    /// <summary>Bytes that one call shares at most: the caller answers for so long to nobody else.</summary>
    private const long MaxSharedBytes = 1L << 30;

    /// <summary>Bytes that one call reads and writes at most.</summary>
    private const long MaxMovedBytes = 16 << 20;

    private const int PieceBytes = 256 * 1024;

    /// <summary>Bytes after which memory and the next commit's room are looked after.</summary>
    private const long BytesBetween = 1 << 20;

    /// <summary>Copies the beginning of a range.</summary>
    /// <param name="range">Not overlapping.</param>
    /// <param name="clearSetIds">Whether the destination loses its set-id bits.</param>
    /// <param name="betweenSteps">Is called with no lock held, now and then.</param>
    /// <param name="copied">Bytes; less than asked for after a bound or at the end of the source. An error after it is not told.</param>
    public Errno Copy(in CopiedRange range, bool clearSetIds, Action betweenSteps, out long copied)
    {
        copied = 0;
        try
        {
            Errno outcome = CopySteps(range, clearSetIds, betweenSteps, ref copied);
            return copied > 0 ? Errno.None : outcome;
        }
        catch (VaultException) when (copied > 0)
        {
            return Errno.None; // who goes on meets it again
        }
    }

    private Errno CopySteps(in CopiedRange range, bool clearSetIds, Action betweenSteps, ref long copied)
    {
        long moved = 0;
        long lookedAfter = 0;
        Errno outcome = Errno.None;
        bool isAlike = range.SourceOffset % volume.ChunkSize == range.DestinationOffset % volume.ChunkSize;
        while (outcome == Errno.None && copied < range.Length && copied < MaxSharedBytes && moved < MaxMovedBytes)
        {
            CopiedRange rest = range.Skip(copied);
            long done = 0;
            if (isAlike && rest.SourceOffset % volume.ChunkSize == 0)
                outcome = sharer.Share(rest, (ref InodeRecord record) => Touch(ref record, clearSetIds), out done);
            if (outcome == Errno.None && done == 0)
            {
                outcome = Move(rest, clearSetIds, isAlike, out done);
                moved += done;
                if (done == 0)
                    break;
            }

            copied += done;
            if (copied - lookedAfter < BytesBetween)
                continue;
            betweenSteps();
            lookedAfter = copied;
        }

        return outcome;
    }

    private void Touch(ref InodeRecord record, bool clearSetIds)
    {
        if (!volume.LeavesTimes)
            record.ModifyTime = record.ChangeTime = volume.Clock.Now;
        if (clearSetIds)
            record.ClearSetIds();
    }

    // Up to where the next chunk begins, if it may be shared.
    private Errno Move(in CopiedRange range, bool clearSetIds, bool isAlike, out long done)
    {
        long left = isAlike ? volume.ChunkSize - (range.SourceOffset % volume.ChunkSize) : PieceBytes;
        int length = (int)Math.Min(Math.Min(left, PieceBytes), range.Length);
        done = 0;
        byte[] rented = PinnedBufferPool.Shared.Rent(length);
        try
        {
            Errno outcome = reader.Read(range.Source, range.SourceOffset, rented.AsSpan(0, length), out int count);
            if (range.IsWithinSource)
            {
                rented.AsSpan(count, length - count).Clear();
                count = length;
            }

            if (outcome == Errno.None && count > 0)
                outcome = writer.Write(range.Destination, range.DestinationOffset, rented.AsSpan(0, count), updateTimes: true, clearSetIds);
            done = outcome == Errno.None ? count : 0;
            return outcome;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }
}
