using Vault.Fuse.Protocol;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Support;

/// <summary>One valid request of each operation, on a file and a directory: to be cut and changed.</summary>
internal static class SampleRequests
{
    public static IEnumerable<(FuseOpcode Opcode, ulong Node, byte[] Body)> All(ulong file, ulong directory)
    {
        yield return (FuseOpcode.Lookup, Root, Bytes.New.Name("file").ToArray());
        yield return (FuseOpcode.SetAttr, file, Bytes.New.U32(0x7F).U32(0).Raw(new byte[80]).ToArray());
        yield return (FuseOpcode.Symlink, directory, Bytes.New.Name("symlink").Name("target").ToArray());
        yield return (FuseOpcode.MkNod, directory, Bytes.New.U32(0x81A4).U32(0).U32(0).U32(0).Name("node").ToArray());
        yield return (FuseOpcode.MkDir, directory, Bytes.New.U32(0x1ED).U32(0).Name("subdirectory").ToArray());
        yield return (FuseOpcode.Unlink, directory, Bytes.New.Name("node").ToArray());
        yield return (FuseOpcode.RmDir, directory, Bytes.New.Name("subdirectory").ToArray());
        yield return (FuseOpcode.Rename, directory, Bytes.New.U64(Root).Name("symlink").Name("moved").ToArray());
        yield return (FuseOpcode.Rename2, directory, Bytes.New.U64(Root).U32(1).U32(0).Name("symlink").Name("moved").ToArray());
        yield return (FuseOpcode.Link, directory, Bytes.New.U64(file).Name("link").ToArray());
        yield return (FuseOpcode.Create, directory, Bytes.New.U32(0x42).U32(0x81A4).U32(0).U32(0).Name("created").ToArray());
        yield return (FuseOpcode.TmpFile, directory, Bytes.New.U32(0x402).U32(0x81A4).U32(0).U32(0).Name("/").ToArray());
        yield return (FuseOpcode.Statx, file, Bytes.New.U32(0).U32(0).U64(0).U32(0).U32(0xFFF).ToArray());
        yield return (FuseOpcode.Ioctl, file, Bytes.New.U64(0).U32(0).U32(0x8008_6601).U64(0).U32(0).U32(4).ToArray());
        yield return (FuseOpcode.Ioctl, file, Bytes.New.U64(0).U32(0).U32(0x4008_6602).U64(0).U32(4).U32(0).U32(0xC0).ToArray());
        yield return (FuseOpcode.Ioctl, file, Bytes.New.U64(0).U32(0).U32(0x801C_581F).U64(0).U32(0).U32(28).ToArray());
        yield return (FuseOpcode.Ioctl, directory, Bytes.New.U64(0).U32(8).U32(0x401C_5820).U64(0).U32(28).U32(0).U32(0x40).Raw(new byte[24]).ToArray());
        yield return (FuseOpcode.Open, file, Bytes.New.U32(0x401).U32(0).ToArray());
        yield return (FuseOpcode.Read, file, ReadBody(0, 4096));
        yield return (FuseOpcode.Write, file, WriteBody(0, 100, new byte[100]));
        yield return (FuseOpcode.Fallocate, file, AllocateBody(0, 100, 3));
        yield return (FuseOpcode.LSeek, file, SeekBody(0, 3));
        yield return (FuseOpcode.CopyFileRange, file, CopyBody(0, file, 100, 50));
        yield return (FuseProtocol.CopyFileRange64, file, CopyBody(0, file, 100, 50));
        yield return (FuseOpcode.ReadDir, Root, ReadBody(0, 4096));
        yield return (FuseOpcode.ReadDirPlus, Root, ReadBody(0, 4096));
        yield return (FuseOpcode.GetXattr, file, Bytes.New.U32(100).U32(0).Name("user.name").ToArray());
        yield return (FuseOpcode.SetXattr, file, Bytes.New.U32(5).U32(0).U32(0).U32(0).Name("user.name").Raw("value"u8).ToArray());
        yield return (FuseOpcode.ListXattr, file, Bytes.New.U32(100).U32(0).ToArray());
        yield return (FuseOpcode.RemoveXattr, file, Bytes.New.Name("user.name").ToArray());
        yield return (FuseOpcode.Forget, file, Bytes.New.U64(0).ToArray());
        yield return (FuseOpcode.BatchForget, 0, Bytes.New.U32(1).U32(0).U64(directory).U64(0).ToArray());
    }
}
