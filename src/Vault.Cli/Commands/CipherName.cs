using Vault.Crypto;

namespace Vault.Cli.Commands;

/// <summary>How the command line writes a cipher suite.</summary>
internal static class CipherName
{
    public const string Automatic = "auto";

    private const string Aes = "aes-256-gcm";
    private const string ChaCha = "chacha20-poly1305";

    public static IReadOnlyList<string> Known { get; } = [Aes, ChaCha];

    public static string Of(CipherSuite suite) => suite switch
    {
        CipherSuite.Aes256Gcm => Aes,
        CipherSuite.ChaCha20Poly1305 => ChaCha,
        _ => throw new ArgumentOutOfRangeException(nameof(suite), suite, "A suite without a name."),
    };

    /// <summary>The suite of a name; <see cref="Automatic"/> measures.</summary>
    public static CipherSuite Parse(string name) => name switch
    {
        Aes => CipherSuite.Aes256Gcm,
        ChaCha => CipherSuite.ChaCha20Poly1305,
        _ => CipherSuiteBenchmark.ChooseFastest(TimeProvider.System),
    };
}
