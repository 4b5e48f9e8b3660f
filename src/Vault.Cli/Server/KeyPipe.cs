using System.Buffers.Binary;
using System.Text.Json;
using Vault.Crypto;

namespace Vault.Cli;

/// <summary>
/// The pipe from the unlocking process to the server: length (4 bytes, little-endian), <see cref="ServerStart"/> as JSON,
/// master key. The key goes from locked memory to locked memory; the streams must not buffer.
/// </summary>
internal static class KeyPipe
{
    private const int MaximumStartBytes = 64 * 1024;

    public static void Send(Stream pipe, ServerStart start, MasterKey master)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(start, CliJson.Default.ServerStart);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        pipe.Write(length);
        pipe.Write(json);
        using SecretBuffer key = new(MasterKey.SizeBytes);
        master.Export(key.Span);
        pipe.Write(key.Span);
        pipe.Flush();
    }

    /// <exception cref="CliException">The pipe ended early or carries something else: not started by unlock.</exception>
    public static ServerStart Receive(Stream pipe, out MasterKey master)
    {
        try
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            pipe.ReadExactly(length);
            int jsonBytes = BinaryPrimitives.ReadInt32LittleEndian(length);
            if (jsonBytes is <= 0 or > MaximumStartBytes)
            {
                throw NotStartedByUnlock(null);
            }

            byte[] json = new byte[jsonBytes];
            pipe.ReadExactly(json);
            ServerStart start = JsonSerializer.Deserialize(json, CliJson.Default.ServerStart) ?? throw NotStartedByUnlock(null);
            using SecretBuffer key = new(MasterKey.SizeBytes);
            pipe.ReadExactly(key.Span);
            master = MasterKey.Import(key.Span);
            return start;
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            throw NotStartedByUnlock(exception);
        }
    }

    private static CliException NotStartedByUnlock(Exception? inner) =>
        new(ExitCode.Usage, "'serve' is started by 'unlock' only.", "Use 'vaultfs unlock VAULT MOUNTPOINT'.", inner);
}
