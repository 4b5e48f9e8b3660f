namespace Vault.PosixStress;

/// <summary>The model: what every file holds, by its inode in the twin.</summary>
internal sealed class Contents
{
    private readonly Dictionary<long, byte[]> _files = [];

    public ReadOnlySpan<byte> this[long inode] => _files[inode];

    public int SizeOf(long inode) => _files[inode].Length;

    public bool Knows(long inode) => _files.ContainsKey(inode);

    public void Set(long inode, byte[] content) => _files[inode] = content;

    public void Resize(long inode, int size)
    {
        byte[] content = _files[inode];
        Array.Resize(ref content, size);
        _files[inode] = content;
    }

    public void Write(long inode, int offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        if (offset + data.Length > _files[inode].Length)
            Resize(inode, offset + data.Length);
        data.CopyTo(_files[inode].AsSpan(offset));
    }

    /// <summary>Zeroes what there is of a range.</summary>
    public void Clear(long inode, int offset, int length)
    {
        int start = Math.Min(offset, _files[inode].Length);
        _files[inode].AsSpan(start, Math.Min(offset + length, _files[inode].Length) - start).Clear();
    }
}
