using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vault.Fuse.Interop;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public void* Base;
    public nuint Length;
}

/// <summary><c>struct msghdr</c> on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    private readonly uint _padding;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
    private readonly uint _padding2;
}

/// <summary><c>struct cmsghdr</c> followed by one descriptor: a message that passes a file.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DescriptorMessage
{
    public nuint Length;
    public int Level;
    public int Type;
    public int Descriptor;
    private readonly uint _padding;
}

/// <summary><c>struct sigaction</c> of the C library on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SignalAction
{
    public nint Handler;
    public SignalSet Mask;
    public int Flags;
    private readonly uint _padding;
    public nint Restorer;

    /// <summary><c>sigset_t</c>.</summary>
    [InlineArray(16)]
    internal struct SignalSet
    {
        private ulong _first;
    }
}
