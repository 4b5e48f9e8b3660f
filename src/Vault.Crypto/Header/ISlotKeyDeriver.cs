namespace Vault.Crypto;

/// <summary>The slow step between a credential and a slot. A seam: tests of every bit of a header derive cheaply.</summary>
internal interface ISlotKeyDeriver
{
    /// <summary>Derives 32 bytes from all of its arguments.</summary>
    void Derive(ReadOnlySpan<byte> credential, ReadOnlySpan<byte> salt, in Argon2Parameters parameters, Span<byte> output);
}

/// <summary>The one that the program uses.</summary>
internal sealed class Argon2SlotKeyDeriver : ISlotKeyDeriver
{
    internal static Argon2SlotKeyDeriver Instance { get; } = new();

    public void Derive(ReadOnlySpan<byte> credential, ReadOnlySpan<byte> salt, in Argon2Parameters parameters, Span<byte> output) =>
        Argon2id.Derive(credential, salt, parameters, output);
}
