using Xunit;

namespace Vault.Cli.Tests.Secrets;

public sealed class CredentialSourceTests
{
    // Goal: a keyfile alone asks nobody; anything else has a passphrase.
    // Method: exhaustive over the ways to give one.
    [Theory]
    [InlineData(null, null, null, false, true, true)]
    [InlineData("file", null, null, false, false, true)]
    [InlineData(null, 3, null, false, false, true)]
    [InlineData(null, null, "key", false, false, false)]
    [InlineData(null, null, "key", true, true, true)]
    [InlineData("file", null, "key", false, false, true)]
    [InlineData(null, 0, "key", false, false, true)]
    public void Who_is_asked(string? file, int? descriptor, string? keyfile, bool ask, bool prompts, bool hasPassphrase)
    {
        CredentialSource source = new(file, descriptor, keyfile, ask);

        Assert.Equal((prompts, hasPassphrase), (source.Prompts, source.HasPassphrase));
    }

    // Goal: an empty passphrase opens and creates nothing.
    // Method: a file whose first line is empty.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_empty_passphrase_is_refused(bool isNew)
    {
        using TemporaryDirectory directory = new();
        CredentialSource source = new(directory.Write("passphrase", "\nsecond"), null, null, false);

        CliException failure = Assert.Throws<CliException>(() => CredentialReader.Read(source, "/v", isNew));

        Assert.Equal(ExitCode.CredentialUnavailable, failure.ExitCode);
    }
}
