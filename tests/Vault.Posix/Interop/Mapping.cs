using Vault.Posix.Harness;
using static Vault.Posix.Interop.Calls;

namespace Vault.Posix.Interop;

/// <summary>A part of a file as memory.</summary>
internal sealed unsafe class Mapping(int fd, int length, int protection, int flags, long offset = 0) : IDisposable
{
    public nint Address { get; } = Map(fd, length, protection, flags, offset);

    // SAFETY: the mapping has this length until Dispose; cases touch only pages that the file has.
    public Span<byte> Bytes => new((void*)Address, length);

    public void Dispose() => munmap(Address, (nuint)length).Ok();

    private static nint Map(int fd, int length, int protection, int flags, long offset)
    {
        Outcome outcome = mmap(0, (nuint)length, protection, flags, fd, offset);
        _ = outcome.Ok("mmap");
        return (nint)outcome.Value;
    }
}
