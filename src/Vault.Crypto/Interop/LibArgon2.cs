using System.Runtime.InteropServices;

namespace Vault.Crypto.Interop;

/// <summary>libargon2, the reference implementation of Argon2 (Debian package libargon2-1).</summary>
internal static unsafe partial class LibArgon2
{
    /// <summary><c>ARGON2_OK</c> of <c>argon2.h</c>.</summary>
    internal const int Ok = 0;

    /// <summary><c>ARGON2_MEMORY_ALLOCATION_ERROR</c>.</summary>
    internal const int MemoryAllocationError = -22;

    /// <summary><c>ARGON2_THREAD_FAIL</c>.</summary>
    internal const int ThreadFail = -33;

    private const string Library = "libargon2.so.1";

    /// <summary>Argon2id version 0x13 without secret and associated data; one thread a lane.</summary>
    /// <returns><see cref="Ok"/> or an error code of <c>argon2.h</c>.</returns>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    internal static int HashRaw(
        uint iterations, uint memoryKib, uint lanes, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        fixed (byte* passwordStart = password, saltStart = salt, hashStart = hash)
        {
            // SAFETY: each pointer comes with the length of its span, and the library keeps none of them.
            return argon2id_hash_raw(
                iterations, memoryKib, lanes, passwordStart, (nuint)password.Length, saltStart, (nuint)salt.Length, hashStart, (nuint)hash.Length);
        }
    }

    /// <summary>The library's words for an error code.</summary>
    internal static string ErrorMessage(int code)
    {
        // SAFETY: the library answers every code with a static, NUL-terminated string.
        return Marshal.PtrToStringUTF8((nint)argon2_error_message(code)) ?? $"error {code}";
    }

    [LibraryImport(Library)]
    private static partial int argon2id_hash_raw(
        uint t_cost, uint m_cost, uint parallelism, byte* pwd, nuint pwdlen, byte* salt, nuint saltlen, byte* hash, nuint hashlen);

    [LibraryImport(Library)]
    private static partial byte* argon2_error_message(int error_code);
}
