using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;
using Vault.Crypto;

namespace Vault.Cli;

/// <summary>One line of secret bytes in locked memory, without its end. Never a string.</summary>
internal sealed class SecretLine : IDisposable
{
    /// <summary>The longest passphrase: the bound of <see cref="Credential"/>.</summary>
    public const int MaximumBytes = 1024;

    private readonly SecretBuffer _buffer;
    private readonly int _length;

    private SecretLine(SecretBuffer buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    /// <summary>The bytes. Not to be kept beyond the line's life.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.Span[.._length];

    /// <summary>
    /// Reads up to the first line feed or the end. One byte at a time: what follows the line belongs to others who
    /// read the same pipe. A carriage return before the line feed belongs to the line's end.
    /// </summary>
    /// <param name="handle">A file, pipe or terminal.</param>
    /// <param name="sourceName">Where it comes from, for a message.</param>
    /// <exception cref="CliException">The line is too long.</exception>
    /// <exception cref="IOException">Reading failed.</exception>
    public static SecretLine Read(SafeFileHandle handle, string sourceName)
    {
        SecretBuffer buffer = new(MaximumBytes + 2);
        try
        {
            return new SecretLine(buffer, ReadInto(buffer.Span, handle, sourceName));
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static int ReadInto(Span<byte> line, SafeFileHandle handle, string sourceName)
    {
        int length = 0;
        while (length < line.Length && Libc.Read(handle, line.Slice(length, 1)) == 1)
        {
            if (line[length] == '\n')
            {
                length -= length > 0 && line[length - 1] == '\r' ? 1 : 0;
                break;
            }

            length++;
        }

        return length <= MaximumBytes
            ? length
            : throw new CliException(ExitCode.CredentialUnavailable, $"The passphrase from {sourceName} is longer than {MaximumBytes} bytes.", "A longer secret belongs in a keyfile: --keyfile FILE.");
    }
}
