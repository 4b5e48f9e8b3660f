using Vault.Fuse.Protocol;

namespace Vault.Fuse.Tests.Support;

/// <summary>Requests as the kernel forms them.</summary>
internal static class FuseClientOperations
{
    public const ulong Root = FuseProtocol.RootId;

    public static Answer Lookup(this FuseClient client, ulong parent, string name) =>
        client.Send(FuseOpcode.Lookup, parent, Bytes.New.Name(name).ToArray());

    public static Answer Create(this FuseClient client, ulong parent, string name, uint flags = 0, uint mode = 0x81A4, uint openFlags = 0) =>
        client.Send(FuseOpcode.Create, parent, Bytes.New.U32(flags).U32(mode).U32(0x12).U32(openFlags).Name(name).ToArray());

    public static ulong CreateFile(this FuseClient client, ulong parent, string name) => client.Create(parent, name).As<FuseEntryOut>().NodeId;

    /// <summary>TMPFILE with umask 022; the name is what the kernel sends.</summary>
    public static Answer CreateUnnamed(this FuseClient client, ulong parent, uint mode = 0x81A4) =>
        client.Send(FuseOpcode.TmpFile, parent, Bytes.New.U32(0x410002).U32(mode).U32(0x12).U32(0).Name("/").ToArray());

    public static Answer MakeDirectory(this FuseClient client, ulong parent, string name, uint mode = 0x1ED) =>
        client.Send(FuseOpcode.MkDir, parent, Bytes.New.U32(mode).U32(0x12).Name(name).ToArray());

    public static Answer Write(this FuseClient client, ulong node, ulong offset, byte[] data, uint writeFlags = 0) =>
        client.Send(FuseOpcode.Write, node, WriteBody(offset, (uint)data.Length, data, writeFlags));

    public static byte[] WriteBody(ulong offset, uint size, byte[] data, uint writeFlags = 0) =>
        Bytes.New.U64(0).U64(offset).U32(size).U32(writeFlags).U64(0).U32(0).U32(0).Raw(data).ToArray();

    public static Answer Read(this FuseClient client, ulong node, ulong offset, uint size, FuseOpcode opcode = FuseOpcode.Read) =>
        client.Send(opcode, node, ReadBody(offset, size));

    public static byte[] ReadBody(ulong offset, uint size) =>
        Bytes.New.U64(0).U64(offset).U32(size).U32(0).U64(0).U32(0).U32(0).ToArray();

    public static byte[] AllocateBody(ulong offset, ulong length, uint mode, ulong handle = 0) => Bytes.New.U64(handle).U64(offset).U64(length).U32(mode).U32(0).ToArray();

    public static byte[] SeekBody(ulong offset, uint whence) => Bytes.New.U64(0).U64(offset).U32(whence).U32(0).ToArray();

    public static byte[] CopyBody(ulong from, ulong destination, ulong to, ulong length, ulong flags = 0, ulong handle = 0) =>
        Bytes.New.U64(0).U64(from).U64(destination).U64(handle).U64(to).U64(length).U64(flags).ToArray();

    public static FuseAttr GetAttributes(this FuseClient client, ulong node) =>
        client.Send(FuseOpcode.GetAttr, node, new byte[16]).As<FuseAttrOut>().Attr;

    public static Answer SetAttributes(
        this FuseClient client, ulong node, FuseSetattrValid valid, ulong size = 0, ulong time = 0, uint nanoseconds = 0, uint mode = 0, uint uid = 0) =>
        client.Send(
            FuseOpcode.SetAttr,
            node,
            Bytes.New.U32((uint)valid).U32(0).U64(0).U64(size).U64(0).U64(time).U64(time).U64(time)
                .U32(nanoseconds).U32(nanoseconds).U32(nanoseconds).U32(mode).U32(0).U32(uid).U32(uid).U32(0).ToArray());

    public static Answer Forget(this FuseClient client, ulong node, ulong count) =>
        client.Send(FuseOpcode.Forget, node, Bytes.New.U64(count).ToArray());

    public static Answer GetXattr(this FuseClient client, ulong node, string name, uint size) =>
        client.Send(FuseOpcode.GetXattr, node, Bytes.New.U32(size).U32(0).Name(name).ToArray());

    public static Answer SetXattr(this FuseClient client, ulong node, string name, byte[] value, uint flags = 0) =>
        client.Send(FuseOpcode.SetXattr, node, Bytes.New.U32((uint)value.Length).U32(flags).U32(0).U32(0).Name(name).Raw(value).ToArray());
}
