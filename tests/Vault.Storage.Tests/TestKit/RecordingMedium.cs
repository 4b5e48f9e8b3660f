namespace Vault.Storage.Tests;

/// <summary>
/// Remembers every write and flush in order, so that a test can make the image that a power loss would have left:
/// all that was flushed, and of what came after any part, in any order, torn at sectors.
/// </summary>
internal sealed class RecordingMedium(byte[] initial) : IMedium
{
    private readonly MemoryMedium _medium = new((byte[])initial.Clone());
    private readonly List<Operation> _operations = [];

    /// <summary>What survives of writes that no flush covered.</summary>
    public enum Survival
    {
        Everything,
        Nothing,
        EveryOther,
        EveryOtherButFirst,
        FirstHalfOfEach,
        LastOnly,
    }

    private readonly record struct Operation(long Offset, byte[]? Data)
    {
        public bool IsFlush => Data is null;
    }

    public int OperationCount => _operations.Count;

    public long LengthBytes => _medium.LengthBytes;

    public bool IsReadOnly => false;

    public long HostFreeBytes => _medium.HostFreeBytes;

    public byte[] ImageAfterCrash(int operation, Survival survival)
    {
        int flushed = _operations.FindLastIndex(Math.Max(operation - 1, 0), o => o.IsFlush);
        MemoryMedium image = new((byte[])initial.Clone());
        image.SetLength(Math.Max(image.LengthBytes, _medium.LengthBytes)); // the host allocated: content of new space is unspecified
        for (int i = 0; i < operation; i++)
        {
            if (_operations[i].IsFlush)
                continue;
            bool isLast = i == operation - 1;
            int length = i <= flushed ? _operations[i].Data!.Length : SurvivingBytes(survival, i - flushed, isLast, _operations[i].Data!.Length);
            image.Write(_operations[i].Offset, _operations[i].Data.AsSpan(0, length));
        }

        return image.Snapshot();
    }

    public int Read(long offsetBytes, Span<byte> destination) => _medium.Read(offsetBytes, destination);

    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        _medium.Write(offsetBytes, source);
        _operations.Add(new Operation(offsetBytes, source.ToArray()));
    }

    public void Flush() => _operations.Add(default);

    public void Allocate(long offsetBytes, long lengthBytes) => _medium.Allocate(offsetBytes, lengthBytes);

    public void Trim(long offsetBytes, long lengthBytes) => _medium.Trim(offsetBytes, lengthBytes);

    public void SetLength(long lengthBytes) => _medium.SetLength(lengthBytes);

    public void Dispose() => _medium.Dispose();

    private static int SurvivingBytes(Survival survival, int distance, bool isLast, int length) => survival switch
    {
        Survival.Everything => length,
        Survival.Nothing => 0,
        Survival.EveryOther => distance % 2 == 0 ? length : 0,
        Survival.EveryOtherButFirst => distance % 2 == 1 ? length : 0,
        Survival.FirstHalfOfEach => length / 2 / 512 * 512,
        Survival.LastOnly => isLast ? length : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(survival)),
    };
}
