namespace Vault.Storage.Tests.Fuzzing;

/// <summary>Keeps nothing of a salvage, and holds what it hands out against the contract: above all no path may lead out of the target.</summary>
internal sealed class CheckingSink : ISalvageSink
{
    private long _openSize = -1;

    public void CreateDirectory(ReadOnlySpan<byte> path) => CheckPath(path);

    public bool BeginFile(ReadOnlySpan<byte> path, long sizeBytes)
    {
        CheckPath(path);
        Assert.Equal(-1, _openSize);
        Assert.InRange(sizeBytes, 0, long.MaxValue);
        _openSize = sizeBytes;
        return true;
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> content)
    {
        Assert.InRange(offsetBytes, 0, _openSize);
        Assert.InRange(content.Length, 0, _openSize - offsetBytes);
    }

    public void EndFile()
    {
        Assert.NotEqual(-1, _openSize);
        _openSize = -1;
    }

    public void CreateSymlink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target) => CheckPath(path);

    public void CreateSpecial(ReadOnlySpan<byte> path, in InodeAttributes attributes) => CheckPath(path);

    public void CreateLink(ReadOnlySpan<byte> existingPath, ReadOnlySpan<byte> newPath)
    {
        CheckPath(existingPath);
        CheckPath(newPath);
    }

    public void SetXattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        CheckTarget(path);
        Assert.InRange(name.Length, 1, 255);
        Assert.InRange(value.Length, 0, XattrTable.MaxValueLength);
    }

    public void SetOwner(ReadOnlySpan<byte> path, in InodeAttributes attributes) => CheckTarget(path);

    public void SetAttributes(ReadOnlySpan<byte> path, in InodeAttributes attributes) => CheckTarget(path);

    // The root of the vault is the target itself: an empty path.
    private static void CheckTarget(ReadOnlySpan<byte> path)
    {
        if (!path.IsEmpty)
            CheckPath(path);
    }

    private static void CheckPath(ReadOnlySpan<byte> path)
    {
        Assert.False(path.Contains((byte)0));
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = path[range];
            Assert.False(name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8));
        }
    }
}
