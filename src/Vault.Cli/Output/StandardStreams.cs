using System.Text;
using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// Standard output and error as plain streams. <see cref="Console"/> would put a terminal into keypad mode first, and
/// leave the escape sequence for that in what was recorded.
/// </summary>
internal static class StandardStreams
{
    public static TextWriter Output() => Open(1);

    public static TextWriter Error() => Open(2);

    /// <summary>Whether standard error is a terminal: only one has settings to read.</summary>
    public static bool IsErrorTerminal => Libc.tcgetattr(2, out _) == 0;

    private static StreamWriter Open(int descriptor) =>
        new(new OutputStream(descriptor), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
