using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Vault.Cli;

/// <summary>JSON lines over a socket: one line is one message of bounded length.</summary>
internal static class ControlChannel
{
    private const int MaximumLineBytes = 64 * 1024;

    public static void Send<T>(Socket socket, T message, JsonTypeInfo<T> type)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, type), (byte)'\n'];
        for (int sent = 0; sent < line.Length;)
        {
            sent += socket.Send(line.AsSpan(sent));
        }
    }

    /// <returns>The message, or null if the peer closed the connection or sent no message of this type.</returns>
    /// <exception cref="SocketException">The connection broke, or the socket's receive timeout passed.</exception>
    public static T? Receive<T>(Socket socket, JsonTypeInfo<T> type)
        where T : class
    {
        byte[] line = new byte[MaximumLineBytes];
        int length = 0;
        while (length < line.Length)
        {
            int count = socket.Receive(line.AsSpan(length));
            int end = line.AsSpan(length, count).IndexOf((byte)'\n');
            if (end >= 0)
            {
                return Parse(line.AsSpan(0, length + end), type);
            }

            if (count == 0)
            {
                return null;
            }

            length += count;
        }

        return null;
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
