using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// What makes a process a background server: its own session, the report to the process that waits for it, and no
/// hold on that process afterwards. Uses no <see cref="Console"/>: that would keep duplicates of the descriptors.
/// </summary>
internal static class ServerProcess
{
    /// <summary>Leaves the session of the terminal, so that closing it does not end the server.</summary>
    public static void BecomeSessionLeader()
    {
        if (Libc.setsid() < 0)
        {
            throw new CliException(ExitCode.Usage, "'serve' is started by 'unlock' only.", "Use 'vaultfs unlock VAULT MOUNTPOINT'.");
        }
    }

    /// <summary>Tells the waiting process how it went.</summary>
    /// <returns>False if that process is gone.</returns>
    public static bool TryReport(ServerReport report)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(report, CliJson.Default.ServerReport), (byte)'\n'];
        using SafeFileHandle output = new(1, ownsHandle: false);
        try
        {
            Libc.Write(output, line);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Lets go of the pipes.</summary>
    public static void DetachStandardStreams()
    {
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Replace(0, nothing);
        Replace(1, nothing);
        Replace(2, nothing);
    }

    private static void Replace(int descriptor, SafeFileHandle by)
    {
        if (Libc.dup2((int)by.DangerousGetHandle(), descriptor) < 0)
        {
            throw new IOException($"Descriptor {descriptor} cannot be replaced: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }
}
