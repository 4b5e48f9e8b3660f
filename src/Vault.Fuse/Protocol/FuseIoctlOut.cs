using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to IOCTL; data follow.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_ioctl_out", size: 16)]
internal struct FuseIoctlOut
{
    /// <summary>What <c>ioctl(2)</c> returns, or a negated error number.</summary>
    public int Result;

    public uint Flags;

    public uint InIovs;

    public uint OutIovs;
}
