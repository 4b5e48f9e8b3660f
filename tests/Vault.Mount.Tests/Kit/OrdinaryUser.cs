using Xunit;

namespace Vault.Mount.Tests.Kit;

/// <summary>
/// Runs vaultfs without any right of root: as 'nobody' if the tests run as root, else as who runs them. Meanwhile
/// /dev/fuse is open to everybody, as udev makes it on a normal system.
/// </summary>
internal sealed class OrdinaryUser : IDisposable
{
    private const int NobodyId = 65534;
    private readonly string? _deviceMode;

    public OrdinaryUser()
    {
        Requires.Fuse();
        Requires.Program("fusermount3", "setpriv");
        if (Environment.IsPrivilegedProcess)
        {
            _deviceMode = Shell.Bash("stat -c %a /dev/fuse").Succeed().Output.Trim();
            Shell.Bash("chmod 666 /dev/fuse").Succeed();
        }
    }

    /// <summary>Puts a command under this user.</summary>
    public static IReadOnlyList<string> Prefix { get; } = Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={NobodyId}", $"--regid={NobodyId}", "--clear-groups", "--"]
        : [];

    /// <summary>A test vault whose directory belongs to this user and whose vaultfs runs as this user.</summary>
    public static TestVault NewVault()
    {
        TestVault vault = new() { Program = [.. Prefix, Launcher()] };
        if (Environment.IsPrivilegedProcess)
        {
            Shell.Bash($"chown -R {NobodyId}:{NobodyId} {vault.Directory} {vault.RuntimeDirectory}").Succeed();
        }

        return vault;
    }

    /// <summary>Runs a bash script as this user in the vault's mount.</summary>
    public static CommandResult InMount(TestVault vault, string script) =>
        Shell.Run([.. Prefix, "bash", "-euo", "pipefail", "-c", $"cd {vault.MountPoint}; {script}"], "", vault.Environment);

    public void Dispose()
    {
        if (_deviceMode is not null)
        {
            Shell.Bash($"chmod {_deviceMode} /dev/fuse").Succeed();
        }
    }

    private static string Launcher()
    {
        CommandResult reached = Shell.Run([.. Prefix, Checkout.Launcher, "--version"]);
        Assert.SkipUnless(reached.ExitCode == 0, $"The checkout or .NET is out of reach for an ordinary user here: {reached.Error}");
        return Checkout.Launcher;
    }
}
