using Vault.Crypto;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>The public parts of a header in words.</summary>
internal static class HeaderCopies
{
    /// <returns>Which copy is damaged, or null if both are whole.</returns>
    public static string? Damage(HeaderReading reading) => (reading.CopyA, reading.CopyB) switch
    {
        (HeaderDefect.None, HeaderDefect.None) => null,
        (HeaderDefect.None, var b) => $"The second copy of the header is damaged ({StateOf(b)}).",
        (var a, HeaderDefect.None) => $"The first copy of the header is damaged ({StateOf(a)}).",
        var (a, b) => $"Both copies of the header are damaged ({StateOf(a)}; {StateOf(b)}).",
    };

    /// <summary>The state of a copy in one word, as in <c>info --json</c>.</summary>
    public static string StateOf(HeaderDefect defect) => defect switch
    {
        HeaderDefect.None => "ok",
        HeaderDefect.NotAVault => "no-magic",
        HeaderDefect.Damaged => "damaged",
        HeaderDefect.UnknownVersion => "unknown-version",
        HeaderDefect.UnknownFeature => "unknown-feature",
        HeaderDefect.BadField => "bad-field",
        HeaderDefect.Forged => "forged",
        _ => throw new ArgumentOutOfRangeException(nameof(defect), defect, "A defect without a name."),
    };

    public static string NameOf(KeySlotKind kind) => kind switch
    {
        KeySlotKind.Passphrase => "passphrase",
        KeySlotKind.Keyfile => "keyfile",
        KeySlotKind.PassphraseAndKeyfile => "passphrase and keyfile",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind without a name."),
    };
}
