using System.Diagnostics;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>Signals that end a command before it is done.</summary>
public sealed class InterruptTests
{
    // Goal: a creation that is interrupted leaves no half of a vault, which would keep the next one from being made.
    // Method: a key slot that takes seconds; the signal comes when the file is there.
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public void An_interrupted_creation_leaves_nothing(string signal, int code)
    {
        using TestVault vault = new();
        using Process creating = Shell.Start(
            [.. vault.Program, "create", vault.Container, "--passphrase-file", vault.PassphraseFile, "--kdf-memory", "512", "--kdf-iterations", "64"], vault.Environment);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(vault.Container) || creating.HasExited, TimeSpan.FromSeconds(60)), "The file does not appear.");

        Shell.Run(["kill", $"-{signal}", $"{creating.Id}"]).Succeed();

        Assert.True(creating.WaitForExit(TimeSpan.FromSeconds(60)), "The signal did not end it.");
        // 62 where the signal came in the moment between the file and the knowledge that it is ours.
        Assert.Contains(creating.ExitCode, new[] { code, 62 });
        Assert.False(File.Exists(vault.Container));
    }
}
