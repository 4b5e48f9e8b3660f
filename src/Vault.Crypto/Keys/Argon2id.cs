using System.Security.Cryptography;
using Vault.Crypto.Interop;

namespace Vault.Crypto;

/// <summary>Argon2id, version 0x13 (RFC 9106), by libargon2. Checked by a known answer before its first use.</summary>
internal static class Argon2id
{
    /// <summary>The version of RFC 9106, as stored in a key slot.</summary>
    internal const byte Version = 0x13;

    private static readonly Lazy<bool> SelfTest = new(IsKnownAnswerRight);

    /// <summary>Derives <paramref name="output"/>.</summary>
    /// <param name="password">The credential's bytes.</param>
    /// <param name="salt">At least 8 bytes.</param>
    /// <param name="parameters">Within bounds: checked again here, before any memory is allocated.</param>
    /// <param name="output">At least 4 bytes.</param>
    /// <exception cref="KeyDerivationException">See <see cref="KeyDerivationFailure"/>.</exception>
    internal static void Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, in Argon2Parameters parameters, Span<byte> output)
    {
        if (!parameters.IsWithinBounds)
            throw new ArgumentOutOfRangeException(nameof(parameters), parameters, "Argon2id parameters out of bounds.");
        if (!SelfTest.Value)
            throw new KeyDerivationException(KeyDerivationFailure.SelfTestFailed, "libargon2 gives wrong results: it is damaged or not the right library.");
        DeriveUnchecked(password, salt, parameters, output);
    }

    /// <summary>As <see cref="Derive"/>, without bounds and known-answer check.</summary>
    internal static void DeriveUnchecked(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, in Argon2Parameters parameters, Span<byte> output)
    {
        int code;
        try
        {
            code = LibArgon2.HashRaw(parameters.Iterations, parameters.MemoryKib, parameters.Lanes, password, salt, output);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new KeyDerivationException(
                KeyDerivationFailure.LibraryMissing,
                "libargon2.so.1 cannot be loaded. Install it (Debian and Ubuntu: package libargon2-1; Fedora: libargon2; Arch: argon2).",
                e);
        }

        if (code != LibArgon2.Ok)
            throw ExceptionOf(code, parameters);
    }

    internal static KeyDerivationException ExceptionOf(int code, in Argon2Parameters parameters) => code switch
    {
        LibArgon2.MemoryAllocationError => new(
            KeyDerivationFailure.OutOfMemory, $"Argon2id needs {parameters.MemoryKib / 1024} MiB of memory, which cannot be had."),
        LibArgon2.ThreadFail => new(KeyDerivationFailure.NoThreads, $"Argon2id could not start its {parameters.Lanes} threads."),
        _ => new(KeyDerivationFailure.Refused, $"libargon2: {LibArgon2.ErrorMessage(code)}."),
    };

    /// <summary>From the reference implementation's test suite (test.c): version 0x13, t 2, m 256 KiB, p 2.</summary>
    private static bool IsKnownAnswerRight()
    {
        ReadOnlySpan<byte> expected =
        [
            0x6d, 0x09, 0x3c, 0x50, 0x1f, 0xd5, 0x99, 0x96, 0x45, 0xe0, 0xea, 0x3b, 0xf6, 0x20, 0xd7, 0xb8,
            0xbe, 0x7f, 0xd2, 0xdb, 0x59, 0xc2, 0x0d, 0x9f, 0xff, 0x95, 0x39, 0xda, 0x2b, 0xf5, 0x70, 0x37,
        ];
        Span<byte> actual = stackalloc byte[32];
        DeriveUnchecked("password"u8, "somesalt"u8, new Argon2Parameters(MemoryKib: 256, Iterations: 2, Lanes: 2), actual);
        return CryptographicOperations.FixedTimeEquals(actual, expected);
    }
}
