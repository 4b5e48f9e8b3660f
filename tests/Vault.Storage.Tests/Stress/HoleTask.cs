namespace Vault.Storage.Tests;

/// <summary>One file that threads write to, cut and extend, with nothing but one byte's value: what is read is that, or zero.</summary>
internal sealed class HoleTask(VaultFileSystem fileSystem, InodeNumber file) : StressTask(fileSystem)
{
    private const byte Written = 0x5A;
    private const int MaxSize = 400_000;

    private readonly byte[] _data = [.. Enumerable.Repeat(Written, 30_000)];
    private readonly byte[] _buffer = new byte[60_000];

    public override void CheckAtEnd(VaultFileSystem opened) => CheckBytes(opened.ReadAll(file, 0, MaxSize));

    protected override void StepCore(Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                Doing = "cutting or extending";
                AttributeChange change = new() { Fields = AttributeChanges.Size, SizeBytes = random.Next(MaxSize) };
                Succeeds(FileSystem.SetAttributes(file, change, out _));
                break;
            case 1:
                Doing = "writing between holes";
                FileSystem.WriteAll(file, random.Next(MaxSize - _data.Length), _data.AsSpan(0, random.Next(_data.Length)));
                break;
            default:
                Doing = "reading holes";
                _buffer.AsSpan().Fill(0xEE);
                Succeeds(FileSystem.Read(file, random.Next(MaxSize), _buffer, out int count));
                CheckBytes(_buffer.AsSpan(0, count));
                break;
        }
    }

    private static void CheckBytes(ReadOnlySpan<byte> bytes) =>
        Assert.False(bytes.ContainsAnyExcept((byte)0, Written), "What was read was never written, and is no hole.");
}
