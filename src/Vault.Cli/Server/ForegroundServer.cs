using Vault.Crypto;

namespace Vault.Cli;

/// <summary>Serves a vault in the process that unlocked it.</summary>
internal static class ForegroundServer
{
    public static ExitCode Run(ServerStart start, MasterKey master, TextWriter output, Action<OpeningNotice> tell)
    {
        using ServerLog log = ServerLog.ToConsole(start.Settings.LogLevel);
        string sockets = RuntimeDirectory.Create();
        using ShutdownSignals signals = new();
        using MountedVault vault = MountedVault.Open(start, master, log.Path, log.Logger);
        master.Dispose();
        using ControlServer control = ControlServer.Start(sockets, vault, log.Logger);
        signals.Attach(vault);
        if (vault.Notice is { } notice)
        {
            tell(notice);
        }

        output.WriteLine($"Unlocked {start.Vault} at {start.MountPoint}. Ctrl-C locks it.");
        return vault.Serve();
    }
}
