using System.IO.Pipes;
using Vault.Crypto;
using Xunit;

namespace Vault.Cli.Tests.Server;

public sealed class KeyPipeTests
{
    // Goal: settings and key arrive as they were sent.
    // Method: through a real pipe; the keys are compared by exporting both.
    [Fact]
    public void What_is_sent_arrives()
    {
        ServerStart start = new("/v", "00ff", "/m", new VaultfsSettings { Threads = 3, ReadOnly = true });
        using MasterKey master = MasterKey.Generate(RandomSource.System);
        using AnonymousPipeServerStream writer = new(PipeDirection.Out);
        using AnonymousPipeClientStream reader = new(PipeDirection.In, writer.ClientSafePipeHandle);

        KeyPipe.Send(writer, start, master);
        ServerStart received = KeyPipe.Receive(reader, out MasterKey copy);

        using (copy)
        {
            Assert.Equal(start, received);
            Assert.Equal(Export(master), Export(copy));
        }
    }

    // Goal: a pipe that ends at any point, or carries something else, is an error and not a hang or a crash.
    // Method: every prefix of a good message, and some nonsense.
    [Fact]
    public void A_broken_pipe_is_an_error()
    {
        using MasterKey master = MasterKey.Generate(RandomSource.System);
        using MemoryStream message = new();
        KeyPipe.Send(message, new ServerStart("/v", "00", "/m", new VaultfsSettings()), master);
        byte[] good = message.ToArray();

        IEnumerable<byte[]> broken = Enumerable.Range(0, good.Length).Select(length => good[..length])
            .Append([.. "vaultfs"u8])
            .Append([255, 255, 255, 255, .. good[4..]])
            .Append([0, 0, 0, 128, .. good[4..]]);

        Assert.All(broken, bytes =>
            Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => KeyPipe.Receive(new MemoryStream(bytes), out _)).ExitCode));
    }

    private static byte[] Export(MasterKey key)
    {
        byte[] bytes = new byte[MasterKey.SizeBytes];
        key.Export(bytes);
        return bytes;
    }
}
