namespace Vault.Storage;

/// <summary>
/// Each thread's own buffer for sealed bytes on their way between cipher and medium: pinned, never cleared (it
/// holds no plaintext). Valid until the thread asks again.
/// </summary>
internal static class CiphertextScratch
{
    /// <summary>The most bytes that are read from the medium at once.</summary>
    public const int SizeBytes = 256 * 1024;

    [ThreadStatic]
    private static byte[]? t_buffer;

    public static Span<byte> Get(int length)
    {
        t_buffer ??= GC.AllocateUninitializedArray<byte>(SizeBytes, pinned: true);
        return t_buffer.AsSpan(0, length);
    }
}
