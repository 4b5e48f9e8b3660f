using System.Security.Cryptography;
using Vault.Crypto;
using Xunit;

namespace Vault.Cli.Tests.Secrets;

public sealed class KeyfileDigestTests
{
    // Goal: the digest is SHA-256 of the whole file, whatever its length against the pieces it is read in.
    // Method: compare with the framework's one-shot hash around the piece size.
    [Theory]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_000)]
    public void The_whole_file_is_hashed(int length)
    {
        using TemporaryDirectory directory = new();
        byte[] content = RandomNumberGenerator.GetBytes(length);
        File.WriteAllBytes(directory.File("key"), content);

        using SecretBuffer digest = KeyfileDigest.Compute(directory.File("key"));

        Assert.Equal(SHA256.HashData(content), digest.Span.ToArray());
    }

    // Goal: an empty, missing or unreadable keyfile is never taken for a key.
    // Method: one of each.
    [Fact]
    public void An_empty_or_unreadable_keyfile_is_refused()
    {
        using TemporaryDirectory directory = new();

        foreach (string path in new[] { directory.Write("empty", ""), directory.File("missing"), directory.Path })
        {
            CliException failure = Assert.Throws<CliException>(() => KeyfileDigest.Compute(path));
            Assert.Equal(ExitCode.CredentialUnavailable, failure.ExitCode);
            Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        }
    }
}
