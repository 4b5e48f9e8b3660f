using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vault.Cli.Interop;

/// <summary><c>struct termios</c> of glibc and musl on Linux: 60 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Termios
{
    public const uint ECHO = 0x8;
    public const uint ECHONL = 0x40;
    public const int VSUSP = 10;

    public uint InputFlags;
    public uint OutputFlags;
    public uint ControlFlags;
    public uint LocalFlags;
    public byte LineDiscipline;
    public ControlCharacters Characters;
    public uint InputSpeed;
    public uint OutputSpeed;

    [InlineArray(32)]
    public struct ControlCharacters
    {
        private byte _first;
    }
}
