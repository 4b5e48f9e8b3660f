using Vault.Crypto;

namespace Vault.Storage;

/// <summary>What the two header copies say, before any key is known.</summary>
/// <param name="Header">The copy to use, or null if neither can be used.</param>
/// <param name="CopyA">Defect of copy A.</param>
/// <param name="CopyB">Defect of copy B.</param>
public sealed record HeaderReading(UnverifiedHeader? Header, HeaderDefect CopyA, HeaderDefect CopyB);
