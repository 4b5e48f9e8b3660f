using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vault.Storage;

/// <summary>Names of the vault for a person's terminal: no byte of them can do anything there.</summary>
public static class EscapedName
{
    /// <summary>A name or a path.</summary>
    public static string Of(ReadOnlySpan<byte> name)
    {
        StringBuilder text = new(name.Length);
        Append(text, name);
        return text.ToString();
    }

    /// <summary>Bytes that are not valid UTF-8, and characters that control or reorder text, become \xNN for each byte.</summary>
    internal static void Append(StringBuilder text, ReadOnlySpan<byte> name)
    {
        while (!name.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(name, out Rune rune, out int length) == OperationStatus.Done;
            if (isValid && IsHarmless(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte b in name[..length])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}");
            }

            name = name[length..];
        }
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format);
}
