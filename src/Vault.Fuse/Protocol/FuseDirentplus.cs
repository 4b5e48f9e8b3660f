using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>An entry of READDIRPLUS; the name follows, padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_direntplus", size: 152)]
internal struct FuseDirentplus
{
    public FuseEntryOut EntryOut;

    public FuseDirent Dirent;
}
