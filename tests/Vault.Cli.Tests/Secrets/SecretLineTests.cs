using System.Text;
using Xunit;

namespace Vault.Cli.Tests.Secrets;

public sealed class SecretLineTests
{
    // Goal: a passphrase file gives its first line without the line's end, byte for byte.
    // Method: the shapes that editors and shells leave.
    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("secret\nsecond\n", "secret")]
    [InlineData(" two words \n", " two words ")]
    [InlineData("a\rb\n", "a\rb")]
    [InlineData("kein Schlüssel\n", "kein Schlüssel")]
    [InlineData("\nsecond", "")]
    [InlineData("", "")]
    public void The_first_line_is_taken_without_its_end(string content, string expected)
    {
        using TemporaryDirectory directory = new();

        using SecretLine line = PassphraseInput.FromFile(directory.Write("passphrase", content));

        Assert.Equal(Encoding.UTF8.GetBytes(expected), line.Bytes.ToArray());
    }

    // Goal: the longest passphrase is taken whole; a longer one is refused and never cut.
    // Method: at the bound and one beyond, with and without a line's end.
    [Theory]
    [InlineData(SecretLine.MaximumBytes, "", true)]
    [InlineData(SecretLine.MaximumBytes, "\n", true)]
    [InlineData(SecretLine.MaximumBytes, "\r\n", true)]
    [InlineData(SecretLine.MaximumBytes + 1, "", false)]
    [InlineData(SecretLine.MaximumBytes + 1, "\n", false)]
    [InlineData(SecretLine.MaximumBytes + 500, "\n", false)]
    public void The_bound_is_exact(int length, string end, bool isAccepted)
    {
        using TemporaryDirectory directory = new();
        string file = directory.Write("passphrase", new string('x', length) + end);

        if (isAccepted)
        {
            using SecretLine line = PassphraseInput.FromFile(file);
            Assert.Equal(length, line.Bytes.Length);
        }
        else
        {
            Assert.Equal(ExitCode.CredentialUnavailable, Assert.Throws<CliException>(() => PassphraseInput.FromFile(file)).ExitCode);
        }
    }

    // Goal: a file or descriptor that cannot be read is an error of its own, naming it.
    // Method: a missing file; a descriptor that is not open.
    [Fact]
    public void What_cannot_be_read_is_named()
    {
        CliException file = Assert.Throws<CliException>(() => PassphraseInput.FromFile("/nonexistent/passphrase"));
        CliException descriptor = Assert.Throws<CliException>(() => PassphraseInput.FromDescriptor(999));

        Assert.Equal((ExitCode.CredentialUnavailable, ExitCode.CredentialUnavailable), (file.ExitCode, descriptor.ExitCode));
        Assert.Contains("/nonexistent/passphrase", file.Message, StringComparison.Ordinal);
        Assert.Contains("999", descriptor.Message, StringComparison.Ordinal);
    }
}
