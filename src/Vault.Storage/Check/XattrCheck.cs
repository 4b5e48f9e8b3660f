namespace Vault.Storage;

/// <summary>Checks that the pieces of each extended attribute are complete.</summary>
internal sealed class XattrCheck(CheckContext context)
{
    private readonly XattrTable _names = new(null!, context.Cipher);
    private ulong _inode;
    private int _at;
    private ulong _next;
    private long _missing;

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Object != _inode)
            Begin(key.Object);
        if (XattrTable.PieceOf(key.Item) == 0)
            BeginAttribute(key.Item, value);
        else if (key.Item != _next)
            Add("A piece of an extended attribute follows no other: its first one is lost.");
        else
            Continue(value.Length);
    }

    /// <summary>Ends the attribute whose pieces came last.</summary>
    public void Finish()
    {
        if (_missing > 0)
            Add("An extended attribute is incomplete.");
        _missing = 0;
        _next = 0;
    }

    private void Begin(ulong inode)
    {
        Finish();
        _inode = inode;
        _at = context.Index.Find(inode);
        bool isMissing = _at < 0 || context.Index[_at].Is(InodeFacts.IsMissing);
        if (isMissing && (_at < 0 || context.Index[_at].NameCount == 0))
            Add("There are extended attributes of an inode that cannot be read, and no name leads to it.");
        else if (!isMissing && !context.Index[_at].Is(InodeFacts.HasXattrs))
            context.Add(CheckFindingKind.Inconsistency, _at, "There are extended attributes, and the inode says that there are none.");
        if (_at >= 0)
            context.Index[_at].Facts &= ~InodeFacts.ExpectsXattrs;
    }

    private void BeginAttribute(ulong item, ReadOnlySpan<byte> value)
    {
        Finish();
        if (!XattrTable.IsWellFormed(value) || !_names.IsPlaceOf(item, value))
        {
            Add("An extended attribute is malformed.");
            return;
        }

        if (AccessControlList.IsName(XattrTable.NameOf(value)))
            CheckList(value);
        _missing = XattrTable.MissingAfterFirst(value);
        _next = item + 1;
    }

    private void CheckList(ReadOnlySpan<byte> first)
    {
        ReadOnlySpan<byte> name = XattrTable.NameOf(first);
        ReadOnlySpan<byte> list = XattrTable.ValueInFirst(first);
        if (!context.TryGetRecord(_inode, out InodeRecord record))
            return;
        if (!AccessControlList.IsPossible(record, name, list))
            Add("An access control list is malformed, or one that the inode cannot have.");
        else if (!AccessControlList.AgreesWith(record, name, list))
            context.Add(CheckFindingKind.Inconsistency, _at, "The access control list and the mode do not say the same.");
    }

    private void Continue(int length)
    {
        _next++;
        if (length != Math.Min(_missing, LeafPage.MaxValueSize))
            Add("A piece of an extended attribute has a length that cannot be.");
        _missing = Math.Max(0, _missing - length);
    }

    private void Add(string detail) => context.AddFor(CheckFindingKind.Inode, _inode, detail);
}
