using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Copies extended attributes out, each whole and as of one state. For one thread.</summary>
internal sealed class SalvageXattrs(SalvageStates states, ISalvageSink sink) : IDisposable
{
    private readonly byte[] _value = PinnedBufferPool.Shared.Rent(XattrTable.MaxValueLength);

    /// <summary>Sets those of a state, and of older ones what that one cannot read.</summary>
    /// <param name="state">The state.</param>
    /// <param name="inode">Whose.</param>
    /// <param name="path">Where it was copied to.</param>
    /// <returns>Whether that state was enough.</returns>
    public bool Copy(int state, ulong inode, byte[] path)
    {
        Collector collector = new(sink, path, _value);
        for (int i = state; i < states.Count; i++)
        {
            collector.HasGap = false;
            states.WalkIn(i, new TreeKey(TableId.Xattrs, inode), LostRanges.After(TableId.Xattrs, inode), collector);
            collector.End();
            if (!collector.HasGap)
                return i == state;
        }

        return false;
    }

    public void Dispose() => PinnedBufferPool.Shared.Return(_value);

    // An attribute's pieces follow each other; one that lacks a piece is left to the next state.
    private sealed class Collector(ISalvageSink sink, byte[] path, byte[] buffer) : ISalvageVisitor
    {
        private readonly HashSet<string> _done = [];
        private byte[] _name = [];
        private ulong _nextItem;
        private int _length;
        private int _missing;
        private bool _isOpen;

        public bool HasGap { get; set; }

        public void OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
        {
            if ((key.Item & 0xFF) == 0)
                Begin(key.Item, value);
            else if (_isOpen && key.Item == _nextItem && value.Length <= _missing)
                Append(value);
        }

        public void OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost) => HasGap = true;

        public void End()
        {
            HasGap |= _isOpen;
            _isOpen = false;
        }

        private void Begin(ulong item, ReadOnlySpan<byte> piece)
        {
            End();
            int start = piece.Length < XattrTable.NameOffset ? int.MaxValue : XattrTable.NameOffset + piece[0];
            _missing = start > piece.Length || piece[0] == 0 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(piece[2..]);
            if (_missing < 0 || _missing > XattrTable.MaxValueLength || _missing < piece.Length - start)
            {
                HasGap = true;
                return;
            }

            _name = piece[XattrTable.NameOffset..start].ToArray();
            _nextItem = item;
            _length = 0;
            _isOpen = true;
            Append(piece[start..]);
        }

        private void Append(ReadOnlySpan<byte> piece)
        {
            piece.CopyTo(buffer.AsSpan(_length));
            _nextItem++;
            _length += piece.Length;
            _missing -= piece.Length;
            _isOpen = _missing > 0;
            if (!_isOpen && _done.Add(Convert.ToHexString(_name)))
                sink.SetXattr(path, _name, buffer.AsSpan(0, _length));
        }
    }
}
