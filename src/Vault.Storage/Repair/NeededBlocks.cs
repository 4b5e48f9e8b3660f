using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// What the newest two states on disk may need, as far as anything says so: what their trees reach, their space maps' pages,
/// and what these say is used. A repair writes to none of it before its own state is durable.
/// </summary>
internal sealed class NeededBlocks(SealedUnits units, ReachedBlocks needed) : ITreeVisitor
{
    public void Add(Superblock state)
    {
        using DurableTree tree = new(units, state.TreeRoot);
        tree.Walk(this, default, TreeKey.Highest, bothCopies: false);
        AddSpaceMap(state.Space.Index, state.Space.Depth, 0);
        if (!state.Log.IsNone)
            needed.Mark(state.Log.Segment.AsUnit);
    }

    public bool OnPage(in BlockPointer pointer)
    {
        needed.Mark(pointer);
        return true;
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Table == TableId.Chunks && ChunkRecord.TryRead(value, out BlockPointer pointer))
            needed.Mark(pointer);
    }

    private void AddSpaceMap(BlockPointer pointer, int level, ulong group)
    {
        if (pointer.IsNone || !SpaceIndex.IsPageOf(pointer, level))
            return;
        needed.Mark(pointer);
        byte[] page = new byte[ContainerLayout.BlockSize];
        if (!units.TryReadCopy(pointer, pointer.Address, page) && (pointer.Second.IsNone || !units.TryReadCopy(pointer, pointer.Second, page)))
            return;
        for (int i = 0; level > 0 && i < SpaceIndex.FanOut; i++)
            AddSpaceMap(BlockPointer.Read(page.AsSpan(i * BlockPointer.SizeBytes)), level - 1, (group * SpaceIndex.FanOut) + (ulong)i);
        for (int i = 0; level == 0 && i < page.Length / sizeof(ulong); i++)
            needed.MarkWord((group * (ulong)(page.Length / sizeof(ulong))) + (ulong)i, BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(i * sizeof(ulong))));
    }
}
