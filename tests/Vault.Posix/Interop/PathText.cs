using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Vault.Posix.Interop;

/// <summary>
/// Hands names to C with one byte a character: a name is any bytes but '/' and NUL, and <c>"\xff"</c> is the byte 255.
/// </summary>
[CustomMarshaller(typeof(string), MarshalMode.ManagedToUnmanagedIn, typeof(PathText))]
internal static unsafe class PathText
{
    public static byte* ConvertToUnmanaged(string? text)
    {
        if (text is null)
        {
            return null;
        }

        // SAFETY: the block has a byte for each character and one for the end; Free gives it back.
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)text.Length + 1);
        for (int i = 0; i < text.Length; i++)
        {
            bytes[i] = (byte)text[i];
        }

        bytes[text.Length] = 0;
        return bytes;
    }

    // SAFETY: what ConvertToUnmanaged allocated; null is allowed.
    public static void Free(byte* bytes) => NativeMemory.Free(bytes);
}
