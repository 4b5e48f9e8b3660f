namespace Vault.Crypto;

/// <summary>The 32 random bytes from which every key of a vault is derived. Held in locked memory.</summary>
public sealed class MasterKey : IDisposable
{
    /// <summary>Bytes of a master key.</summary>
    public const int SizeBytes = 32;

    private readonly SecretBuffer _bytes = new(SizeBytes);

    private MasterKey()
    {
    }

    /// <summary>Draws a new master key.</summary>
    public static MasterKey Generate(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        MasterKey key = new();
        random.Fill(key._bytes.Span);
        return key;
    }

    /// <summary>Copies a master key in (from the pipe to the server process). The caller wipes the source.</summary>
    /// <param name="bytes"><see cref="SizeBytes"/> bytes.</param>
    public static MasterKey Import(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SizeBytes);
        MasterKey key = new();
        bytes.CopyTo(key._bytes.Span);
        return key;
    }

    /// <summary>Copies the key out, to hand it to the server process over a pipe. The caller wipes the copy.</summary>
    /// <param name="destination"><see cref="SizeBytes"/> bytes.</param>
    public void Export(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, SizeBytes);
        using SecretBuffer.Lease lease = Borrow();
        lease.Span.CopyTo(destination);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _bytes.Dispose();

    internal SecretBuffer.Lease Borrow() => _bytes.Borrow();
}
