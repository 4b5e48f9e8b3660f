using System.Globalization;

namespace Vault.Crypto.Tests;

public sealed class SecretBufferTests
{
    // Goal: key pages are locked whenever the buffer says so, and never dumped.
    // Method: the flags of the mapping in /proc/self/smaps. Root is never refused a lock; others may be at their limit.
    [Fact]
    public void Pages_are_locked_and_kept_out_of_dumps()
    {
        using SecretBuffer buffer = new(256 * 1024);
        string[] flags = FlagsOfMapping(buffer).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.True(buffer.IsExcludedFromDumps);
        Assert.Contains("dd", flags);
        Assert.Equal(buffer.IsLocked, flags.Contains("lo"));
        Assert.True(buffer.IsLocked || !Environment.IsPrivilegedProcess);
    }

    // Goal: memory starts as zeros, keeps what is written, and is gone after disposal.
    // Method: write, read, dispose; the span must not be handed out again.
    [Fact]
    public void Bytes_last_until_disposal()
    {
        SecretBuffer buffer = new(100);
        Assert.Equal(100, buffer.Span.Length);
        Assert.False(buffer.Span.ContainsAnyExcept((byte)0));
        buffer.Span.Fill(7);
        Assert.False(buffer.Span.ContainsAnyExcept((byte)7));
        buffer.Dispose();
        buffer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => buffer.Borrow().Span.Length);
    }

    // Goal: disposal does not take the pages from under a reader (that would end the process), but ends further reading.
    // Method: hold a lease over the disposal and read through it.
    [Fact]
    public void A_lease_outlives_disposal()
    {
        SecretBuffer buffer = new(64);
        buffer.Span.Fill(9);
        SecretBuffer.Lease lease = buffer.Borrow();
        buffer.Dispose();
        Assert.False(lease.Span.ContainsAnyExcept((byte)9));
        lease.Dispose();

        Assert.Throws<ObjectDisposedException>(() => buffer.Borrow().Dispose());
    }

    // Goal: a size that is not a size is refused.
    // Method: zero and negative.
    [Fact]
    public void Size_must_be_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SecretBuffer(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SecretBuffer(-1));
    }

    private static string FlagsOfMapping(SecretBuffer buffer)
    {
        ulong address = AddressOf(buffer);
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] range = line.Split(' ')[0].Split('-');
            if (range.Length == 2 && ulong.TryParse(range[0], NumberStyles.HexNumber, null, out ulong start)
                && ulong.TryParse(range[1], NumberStyles.HexNumber, null, out ulong end))
                inside = start <= address && address < end;
            else if (inside && line.StartsWith("VmFlags:", StringComparison.Ordinal))
                return line;
        }

        return "";
    }

    private static ulong AddressOf(SecretBuffer buffer) => (ulong)buffer.Address;
}
