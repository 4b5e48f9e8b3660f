using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class RangeTests : IDisposable
{
    private const int Chunk = 32 * 1024;
    private const uint SeekData = 3;
    private const uint SeekHole = 4;

    private readonly TestVault _vault = new();
    private readonly FuseClient _client;
    private readonly FuseClient _plain;
    private readonly ulong _file;
    private readonly byte[] _data = new byte[4 * Chunk];

    public RangeTests()
    {
        _client = new FuseClient(_vault.FileSystem);
        _ = _client.Init();
        _plain = new FuseClient(_vault.FileSystem, writebackCache: false);
        _ = _plain.Init();
        new Random(1).NextBytes(_data);
        _file = _client.CreateFile(Root, "file");
        _ = _client.Write(_file, 0, _data);
    }

    public void Dispose()
    {
        _plain.Dispose();
        _client.Dispose();
        _vault.Dispose();
    }

    // Goal: each mode reaches the file system, and set-id bits go as the caller is not root.
    [Fact]
    public void Fallocate_changes_the_file()
    {
        _ = _client.SetAttributes(_file, FuseSetattrValid.Mode, mode: 0xDED);
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(Chunk, Chunk, 3)).Errno);
        _data.AsSpan(Chunk, Chunk).Clear();
        Assert.Equal(_data, _client.Read(_file, 0, (uint)_data.Length + 1).Body);
        FuseAttr attributes = _client.GetAttributes(_file);
        Assert.Equal((0x81EDu, 3ul * Chunk / 512), (attributes.Mode, attributes.Blocks));
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(0, 5 * Chunk, 0)).Errno);
        Assert.Equal(5ul * Chunk, _client.GetAttributes(_file).Size);
        Assert.Equal(Errno.EOPNOTSUPP, _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(0, Chunk, 8)).Errno);
        Assert.Equal(Errno.EFBIG, _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(0, ulong.MaxValue, 0)).Errno);
        Assert.Equal(Errno.EFBIG, _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(1ul << 53, 1, 0)).Errno);
        Assert.Equal(Errno.EINVAL, _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(ulong.MaxValue, 1, 0)).Errno);
    }

    // Goal: the handle of a file that was made with O_DSYNC or O_SYNC says so, and no other's does; what is done through it is served as usual.
    [Theory]
    [InlineData(0x42u, 0ul)]
    [InlineData(0x1042u, 1ul)]
    [InlineData(0x101042u, 1ul)]
    public void Handles_tell_who_writes_durably(uint openFlags, ulong handle)
    {
        Answer created = _client.Create(Root, "made", openFlags);
        ulong file = created.As<FuseEntryOut>().NodeId;
        Assert.Equal(handle, MemoryMarshal.Read<FuseOpenOut>(created.Body.AsSpan(Unsafe.SizeOf<FuseEntryOut>())).Fh);
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.Fallocate, file, AllocateBody(0, 100, 0, handle)).Errno);
        Assert.Equal(100u, _client.Send(FuseOpcode.CopyFileRange, _file, CopyBody(0, file, 50, 100, handle: handle)).As<FuseWriteOut>().Size);
        Assert.Equal(_data[..100], _client.Read(file, 50, 1000).Body);
        Assert.Equal(Errno.EFBIG, _client.Send(FuseOpcode.Fallocate, file, AllocateBody(0, ulong.MaxValue, 0, handle)).Errno);
    }

    // Goal: holes are told where all data is here, and not where the kernel may have more.
    [Fact]
    public void Lseek_answers_without_the_writeback_cache()
    {
        _ = _client.Send(FuseOpcode.Fallocate, _file, AllocateBody(Chunk, Chunk, 3));
        Assert.Equal(Errno.ENOSYS, _client.Send(FuseOpcode.LSeek, _file, SeekBody(0, SeekHole)).Errno);
        Assert.Equal((ulong)Chunk, _plain.Send(FuseOpcode.LSeek, _file, SeekBody(0, SeekHole)).As<FuseLseekOut>().Offset);
        Assert.Equal(2ul * Chunk, _plain.Send(FuseOpcode.LSeek, _file, SeekBody(Chunk, SeekData)).As<FuseLseekOut>().Offset);
        Assert.Equal(Errno.ENXIO, _plain.Send(FuseOpcode.LSeek, _file, SeekBody(4 * Chunk, SeekData)).Errno);
        Assert.Equal(Errno.ENXIO, _plain.Send(FuseOpcode.LSeek, _file, SeekBody(ulong.MaxValue, SeekData)).Errno);
        Assert.Equal(Errno.EINVAL, _plain.Send(FuseOpcode.LSeek, _file, SeekBody(0, 2)).Errno);
    }

    // Goal: both forms of the request copy and tell how much, each in its own form.
    [Fact]
    public void Copies_tell_their_length()
    {
        ulong copy = _plain.CreateFile(Root, "copy");
        Answer answer = _plain.Send(FuseOpcode.CopyFileRange, _file, CopyBody(0, copy, 0, ulong.MaxValue));
        Assert.Equal((uint)_data.Length, answer.As<FuseWriteOut>().Size);
        answer = _plain.Send(FuseProtocol.CopyFileRange64, _file, CopyBody(100, copy, 5000, 1000));
        Assert.Equal(1000ul, BinaryPrimitives.ReadUInt64LittleEndian(answer.Body));
        Assert.Equal(8, answer.Body.Length);
        _data.AsSpan(100, 1000).ToArray().CopyTo(_data, 5000);
        Assert.Equal(_data, _plain.Read(copy, 0, (uint)_data.Length + 1).Body);
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(_plain.Send(FuseProtocol.CopyFileRange64, _file, CopyBody(5 * Chunk, copy, 0, 1)).Body));
        Assert.Equal(Errno.EINVAL, _plain.Send(FuseOpcode.CopyFileRange, _file, CopyBody(0, copy, 0, 1, flags: 1)).Errno);
        Assert.Equal(Errno.EINVAL, _plain.Send(FuseOpcode.CopyFileRange, _file, CopyBody(0, _file, 1, 2)).Errno);
        Assert.Equal(Errno.EISDIR, _plain.Send(FuseOpcode.CopyFileRange, _file, CopyBody(0, Root, 0, 1)).Errno);
    }

    // Goal: with the writeback cache the kernel knows the size, and what was not written back is a hole.
    [Fact]
    public void The_size_of_a_source_is_the_kernels()
    {
        ulong copy = _client.CreateFile(Root, "copy");
        Answer answer = _client.Send(FuseProtocol.CopyFileRange64, _file, CopyBody(0, copy, 0, 6 * Chunk));
        Assert.Equal(6ul * Chunk, BinaryPrimitives.ReadUInt64LittleEndian(answer.Body));
        Assert.Equal([.. _data, .. new byte[2 * Chunk]], _client.Read(copy, 0, 7 * Chunk).Body);
    }
}
