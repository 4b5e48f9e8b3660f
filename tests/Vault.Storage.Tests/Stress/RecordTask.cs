using System.Buffers.Binary;

namespace Vault.Storage.Tests;

/// <summary>
/// Records in one file, each written by one thread and read by all. One call of Write or Read within 1 MiB is atomic towards the
/// others, so that no record is ever torn, also where it goes across chunks; and nobody sees a record become older.
/// </summary>
internal sealed class RecordTask(VaultFileSystem fileSystem, InodeNumber file, int writer, int writers) : StressTask(fileSystem)
{
    /// <summary>A multiple of 8 that goes across the chunks' borders.</summary>
    private const int RecordSize = 3000;
    private const int RecordCount = 60;

    private readonly ulong[] _newestSeen = new ulong[RecordCount];
    private readonly byte[] _buffer = new byte[RecordSize * 4];

    public override void CheckAtEnd(VaultFileSystem opened)
    {
        byte[] all = opened.ReadAll(file, 0, RecordSize * RecordCount);
        for (int i = 0; i < all.Length / RecordSize; i++)
        {
            ulong value = CheckWhole(all.AsSpan(i * RecordSize, RecordSize));
            Assert.True(i % writers != writer || value == _newestSeen[i], $"Record {i} is not as its writer left it.");
        }
    }

    protected override void StepCore(Random random)
    {
        if (random.Next(2) == 0)
            Write(random.Next(RecordCount / writers) * writers + writer);
        else
            Read(random.Next(RecordCount - 4));
    }

    private void Write(int record)
    {
        Doing = "writing a record";
        Span<byte> data = _buffer.AsSpan(0, RecordSize);
        ulong value = ++_newestSeen[record];
        for (int i = 0; i < RecordSize; i += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(data[i..], value);
        FileSystem.WriteAll(file, (long)record * RecordSize, data);
    }

    private void Read(int first)
    {
        Doing = "reading records";
        _buffer.AsSpan().Fill(0xEE); // what is not written by the read is noticed
        Succeeds(FileSystem.Read(file, (long)first * RecordSize, _buffer, out int count));
        for (int i = 0; i < count / RecordSize; i++)
        {
            ulong value = CheckWhole(_buffer.AsSpan(i * RecordSize, RecordSize));
            Assert.True(value >= _newestSeen[first + i], $"Record {first + i} became older: {value} after {_newestSeen[first + i]}.");
            _newestSeen[first + i] = value;
        }
    }

    private static ulong CheckWhole(ReadOnlySpan<byte> record)
    {
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(record);
        for (int i = 0; i < record.Length; i += sizeof(ulong))
            Assert.True(BinaryPrimitives.ReadUInt64LittleEndian(record[i..]) == value, "A record is torn.");
        return value;
    }
}
