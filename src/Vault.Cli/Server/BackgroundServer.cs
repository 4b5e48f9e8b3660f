using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Vault.Crypto;

namespace Vault.Cli;

/// <summary>
/// The life of the background process: receives the key, mounts, reports, serves. It is started as
/// <c>vaultfs serve VAULT MOUNTPOINT</c>; the arguments are for readers of <c>ps</c>, the real ones come over the pipe.
/// </summary>
internal static class BackgroundServer
{
    public const string CommandName = "serve";

    public static ExitCode Run()
    {
        try
        {
            ServerProcess.BecomeSessionLeader();
            bool isHardened = ProcessHardening.DisableDumps();
            ServerStart start = ReceiveStart(out MasterKey master);
            using (master)
            {
                using ServerLog log = ServerLog.ToFile(start.VaultId, start.Settings.LogLevel);
                return Serve(start, master, log, isHardened);
            }
        }
        catch (Exception exception) when (FailureMap.Translate(exception) is { } failure)
        {
            _ = ServerProcess.TryReport(new ServerReport(failure.ExitCode, failure.Message, failure.Advice, []));
            return failure.ExitCode;
        }
    }

    private static ServerStart ReceiveStart(out MasterKey master)
    {
        using FileStream input = new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        return KeyPipe.Receive(input, out master);
    }

    private static ExitCode Serve(ServerStart start, MasterKey master, ServerLog log, bool isHardened)
    {
        // Nobody reads standard error any more when it happens.
        AppDomain.CurrentDomain.UnhandledException += (_, fault) => log.Logger.LogCritical(fault.ExceptionObject as Exception, "The server crashes.");
        string sockets = RuntimeDirectory.Create();
        using ShutdownSignals signals = new();
        using MountedVault vault = MountedVault.Open(start, master, log.Path, log.Logger);
        master.Dispose();
        using ControlServer control = ControlServer.Start(sockets, vault, log.Logger);
        signals.Attach(vault);
        List<string> warnings = [];
        if (!isHardened)
        {
            warnings.Add("The kernel refused to close the server's memory to other processes of this user.");
        }

        if (log.Warning is { } warning)
        {
            warnings.Add(warning);
        }

        if (!ServerProcess.TryReport(new ServerReport(ExitCode.Success, null, null, warnings, vault.Notice)))
        {
            // Whoever unlocked is gone and does not know of this mount: leave none behind.
            vault.Shutdown();
        }

        ServerProcess.DetachStandardStreams();
        return vault.Serve();
    }
}
