namespace Vault.Posix.Interop;

/// <summary>
/// Permission bits, written as in chmod(1): the decimal digits of a literal are read as octal ones, so that 0755 means here
/// what it means in C.
/// </summary>
internal readonly record struct Mode(uint Bits)
{
    public static implicit operator Mode(int digits)
    {
        uint bits = 0;
        uint place = 1;
        for (int rest = digits; rest > 0; rest /= 10, place *= 8)
        {
            bits += checked((uint)(rest % 10)) * place;
        }

        return new Mode(bits);
    }

    public static Mode operator |(Mode mode, FileType type) => new(mode.Bits | (uint)type);

    public override string ToString() => "0" + Convert.ToString(Bits, 8);
}

/// <summary>The type bits of <c>st_mode</c>.</summary>
internal enum FileType : uint
{
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Symlink = 0xa000,
    Socket = 0xc000,
}
