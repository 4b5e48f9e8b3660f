using Xunit;

namespace Vault.Mount.Tests.Kit;

/// <summary>Skips a test, with the reason, where this machine cannot run it.</summary>
internal static class Requires
{
    public static void Fuse()
    {
        Assert.SkipUnless(File.Exists("/dev/fuse"), "/dev/fuse does not exist here.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess || Shell.Run(["sh", "-c", "test -r /dev/fuse && test -w /dev/fuse"]).ExitCode == 0, "/dev/fuse cannot be opened by this user.");
    }

    public static void Root() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Needs root.");

    public static void Program(params string[] names) => Assert.All(names, name =>
        Assert.SkipUnless(Shell.Run(["sh", "-c", $"command -v {name}"]).ExitCode == 0, $"{name} is not installed."));

    /// <summary>A mount namespace of its own, in which programs and devices can be hidden.</summary>
    public static void PrivateMounts() =>
        Assert.SkipUnless(Shell.Run(["unshare", "--mount", "true"]).ExitCode == 0, "unshare --mount is not permitted here.");
}
