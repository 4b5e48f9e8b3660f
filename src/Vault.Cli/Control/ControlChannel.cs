using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Vault.Cli;

/// <summary>JSON lines over a socket: one line is one message of bounded length. One thread reads.</summary>
/// <param name="socket">The connection.</param>
/// <param name="maximumLineBytes">A longer line is taken for no message.</param>
internal sealed class ControlChannel(Socket socket, int maximumLineBytes)
{
    /// <summary>Of a line to a server.</summary>
    public const int MaximumRequestBytes = 64 * 1024;

    /// <summary>Of a line from a server: a finding names a path, and paths inside a vault have no bound of their own.</summary>
    public const int MaximumReplyBytes = 1024 * 1024;

    private const int FirstBufferBytes = 4096;

    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start;
    private int _end;

    public static void Send<T>(Socket socket, T message, JsonTypeInfo<T> type)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, type), (byte)'\n'];
        for (int sent = 0; sent < line.Length;)
        {
            sent += socket.Send(line.AsSpan(sent));
        }
    }

    /// <returns>The next message, or null if the peer closed the connection or sent no message of this type.</returns>
    /// <exception cref="SocketException">The connection broke, or the socket's receive timeout passed.</exception>
    public T? Receive<T>(JsonTypeInfo<T> type)
        where T : class
    {
        for (int searched = _start; ;)
        {
            int length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                ReadOnlySpan<byte> line = _buffer.AsSpan(_start, searched + length - _start);
                _start = searched + length + 1;
                return Parse(line, type);
            }

            int pending = _end - _start;
            if (pending >= maximumLineBytes)
            {
                return null;
            }

            MakeRoom();
            searched = _start + pending;
            int count = socket.Receive(_buffer.AsSpan(_end));
            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, maximumLineBytes));
        }
    }

    private static T? Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
        }
        catch (JsonException)
        {
            // A peer that does not speak the protocol is the same as one that said nothing.
            return null;
        }
    }
}
