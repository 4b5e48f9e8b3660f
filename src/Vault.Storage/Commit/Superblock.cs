using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The root of one state of a vault, as sealed in a slot of the ring (docs/format/container.md, "Superblock"). Made
/// only from a slot that authenticated, or by a commit.
/// </summary>
internal sealed record Superblock
{
    public const int LineageCount = 32;

    private const ushort CleanFlag = 1;
    private const int LogOffset = 200;
    private const int LineageOffset = 320;
    private const int CommitTimeOffset = 1600;

    /// <summary>Counts durable states, upwards.</summary>
    public required ulong Generation { get; init; }

    /// <summary>The header's sequence number when this was written: an older header was put back since.</summary>
    public required ulong HeaderSequence { get; init; }

    /// <summary>The first salt of the session that wrote it.</summary>
    public required UInt128 Session { get; init; }

    public required BlockPointer TreeRoot { get; init; }

    public required SpaceMapRoot Space { get; init; }

    /// <summary>The next inode number to hand out.</summary>
    public required ulong NextInode { get; init; }

    /// <summary>Inodes in use.</summary>
    public required ulong InodeCount { get; init; }

    /// <summary>Where the intent log goes on from this state; none if it has no log.</summary>
    public LogStart Log { get; init; }

    /// <summary>Written by a lock: nothing came after it.</summary>
    public required bool IsClean { get; init; }

    /// <summary>When the state was committed, by the clock of its machine: seconds since 1970-01-01 00:00 UTC; 0 if unknown.</summary>
    public long CommitTimeSeconds { get; init; }

    /// <summary><see cref="CommitTimeSeconds"/>, or null if it is unknown or no time of this calendar.</summary>
    public DateTimeOffset? CommitTime =>
        CommitTimeSeconds != 0 && CommitTimeSeconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && CommitTimeSeconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(CommitTimeSeconds)
            : null;

    /// <summary>The newest sessions before this one, newest first.</summary>
    public required IReadOnlyList<LineageEntry> Lineage { get; init; }

    /// <summary>The slot's tag in the ring; not part of the content.</summary>
    public UInt128 SlotTag { get; init; }

    /// <summary>Reads the content of a slot that authenticated.</summary>
    /// <returns><see langword="null"/> if it is not well formed all the same.</returns>
    public static Superblock? TryRead(ReadOnlySpan<byte> source)
    {
        int lineageCount = source[3];
        int depth = source[2];
        if (lineageCount > LineageCount || depth is 0 or > SpaceIndex.MaxDepth)
            return null;
        LineageEntry[] lineage = new LineageEntry[lineageCount];
        for (int i = 0; i < lineageCount; i++)
            lineage[i] = LineageEntry.Read(source[(LineageOffset + (i * LineageEntry.SizeBytes))..]);
        Superblock superblock = new()
        {
            IsClean = (BinaryPrimitives.ReadUInt16LittleEndian(source) & CleanFlag) != 0,
            Generation = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            HeaderSequence = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            Session = BinaryPrimitives.ReadUInt128LittleEndian(source[24..]),
            TreeRoot = BlockPointer.Read(source[40..]),
            Space = new SpaceMapRoot(
                BlockPointer.Read(source[104..]),
                depth,
                BinaryPrimitives.ReadUInt64LittleEndian(source[168..]),
                BinaryPrimitives.ReadInt64LittleEndian(source[176..])),
            NextInode = BinaryPrimitives.ReadUInt64LittleEndian(source[184..]),
            InodeCount = BinaryPrimitives.ReadUInt64LittleEndian(source[192..]),
            Log = LogStart.Read(source[LogOffset..]),
            Lineage = lineage,
            CommitTimeSeconds = BinaryPrimitives.ReadInt64LittleEndian(source[CommitTimeOffset..]),
        };
        return superblock.IsWellFormed() ? superblock : null;
    }

    /// <summary>Writes the content of a slot.</summary>
    public void WriteTo(Span<byte> destination)
    {
        destination.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(destination, IsClean ? CleanFlag : (ushort)0);
        destination[2] = (byte)Space.Depth;
        destination[3] = (byte)Lineage.Count;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], HeaderSequence);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[24..], Session);
        TreeRoot.WriteTo(destination[40..]);
        Space.Index.WriteTo(destination[104..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[168..], Space.TotalBlocks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[176..], Space.FreeBlocks);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[184..], NextInode);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[192..], InodeCount);
        Log.WriteTo(destination[LogOffset..]);
        for (int i = 0; i < Lineage.Count; i++)
            Lineage[i].WriteTo(destination[(LineageOffset + (i * LineageEntry.SizeBytes))..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[CommitTimeOffset..], CommitTimeSeconds);
    }

    // Numbers that only count upwards stay far from where they would overflow.
    private bool IsWellFormed() =>
        Generation < long.MaxValue
        && NextInode is > 1 and < InodeNumber.MaxValue
        && InodeCount < long.MaxValue
        && !TreeRoot.IsNone
        && !Space.Index.IsNone
        && Space.TotalBlocks is >= ContainerLayout.FirstDataBlock and <= BlockAddress.MaxValue
        && Space.FreeBlocks >= 0
        && (ulong)Space.FreeBlocks <= Space.TotalBlocks - ContainerLayout.FirstDataBlock;
}
