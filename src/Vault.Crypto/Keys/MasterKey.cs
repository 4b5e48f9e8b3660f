namespace Vault.Crypto;

/// <summary>The 32 random bytes from which every key of a vault is derived. Held in locked memory.</summary>
public sealed class MasterKey : IDisposable
{
    /// <summary>Bytes of a master key.</summary>
    public const int SizeBytes = 32;

    /// <summary>Draws a new master key.</summary>
    public static MasterKey Generate(RandomSource random) => throw new NotImplementedException();

    /// <summary>Copies a master key in (from the pipe to the server process). The caller wipes the source.</summary>
    /// <param name="bytes"><see cref="SizeBytes"/> bytes.</param>
    public static MasterKey Import(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Copies the key out, to hand it to the server process over a pipe. The caller wipes the copy.</summary>
    public void Export(Span<byte> destination) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
