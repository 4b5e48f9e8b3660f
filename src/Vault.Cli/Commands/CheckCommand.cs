using System.CommandLine;
using System.Net.Sockets;
using Vault.Crypto;
using Vault.Fuse.Mount;
using Vault.Storage;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs check VAULT|MOUNTPOINT</c>.</summary>
internal static class CheckCommand
{
    public static Command Build()
    {
        Argument<string> target = new("VAULT|MOUNTPOINT") { Description = "The container file, or where it is mounted" };
        Option<bool> repair = new("--repair") { Description = "Mend what can be mended; removes nothing that can be read" };
        Option<bool> json = new("--json") { Description = "Print an object" };
        CredentialOptions credential = new();
        Command command = new("check", "Verify every block of a vault; reads only") { target, repair, json };
        credential.AddTo(command);
        command.SetAction(result =>
        {
            TextWriter output = result.InvocationConfiguration.Output;
            TextWriter error = result.InvocationConfiguration.Error;
            string path = PathResolver.Resolve(result.GetValue(target)!);
            Request request = new(path, result.GetValue(repair), result.GetValue(json), credential.Read(result));
            return (int)Run(request, output, error);
        });
        return command;
    }

    private static ExitCode Run(Request request, TextWriter output, TextWriter error)
    {
        if (RunningServers.Of(request.Path, Warn) is [var server, ..])
        {
            return request.Repair
                ? throw new CliException(ExitCode.InUse, $"{server.Status.Vault} is unlocked, at {server.Status.MountPoint} by server process {server.Status.Pid}.", "Lock it first: a repair needs the vault for itself. 'vaultfs check' without --repair works while it is unlocked.")
                : Show(server.Status.Vault, request, output, error, (run, progress, token) => new Result(Ask(server, run.Report, progress, token), null));
        }

        // A mount whose server is gone, or somebody else's: its container says which.
        string vault = VaultMounts.ReadAll().LastOrDefault(mount => mount.MountPoint == request.Path)?.Source ?? request.Path;
        _ = ProcessHardening.DisableDumps();

        // A damaged copy of the header is among the findings.
        UnverifiedHeader header = VaultOpening.ReadHeader(vault, readOnly: !request.Repair, warn: _ => { });
        using MasterKey master = VaultOpening.AskAndUnlock(header, request.Credential, vault, Warn);
        using FileMedium medium = FileMedium.Open(vault, readOnly: !request.Repair);
        return Show(vault, request, output, error, (run, progress, token) => FailureMap.About(vault, () => request.Repair
            ? Result.Of(VaultChecker.Repair(medium, master, run.Report, progress, token))
            : new Result(VaultChecker.Check(medium, master, run.Report, progress, token), null)));

        void Warn(string text) => error.WriteLine($"vaultfs: warning: {text}");
    }

    private static ExitCode Show(
        string vault, Request request, TextWriter output, TextWriter error, Func<FindingsRun, IProgress<CheckProgress>, CancellationToken, Result> work)
    {
        FindingsRun run = FindingsRun.AtTerminal(request.Json, output, error);
        Result result = run.Run(
            (progress, token) => work(run, progress, token),
            (done, elapsed) => (CheckSummary.Lines(done.Report, done.Actions, elapsed), CheckSummary.Of(vault, done.Report, done.Actions, elapsed).ToJson()),
            (failure, elapsed) => CheckSummary.Of(vault, failure, elapsed).ToJson());
        ExitCode code = CheckSummary.CodeOf(result.Report);
        if (FailureMap.AdviceFor(code) is { } advice)
        {
            error.WriteLine($"vaultfs: {advice}");
        }

        return code;
    }

    private static CheckReport Ask(RunningServer server, Action<CheckFinding> onFinding, IProgress<CheckProgress> progress, CancellationToken cancellation)
    {
        string mountPoint = server.Status.MountPoint;
        ControlReply? reply;
        try
        {
            reply = ControlClient.Check(server.SocketPath, onFinding, progress, cancellation);
        }
        catch (SocketException exception)
        {
            throw server.Lost($"Server {server.Status.Pid} of {mountPoint} does not answer.", exception);
        }

        return reply?.Check switch
        {
            { Outcome: CheckOutcome.Completed, Report: { } report } => report,
            { Outcome: CheckOutcome.Cancelled } => throw new CliException(ExitCode.Cancelled, $"{mountPoint} was locked: the check ended."),
            { Outcome: CheckOutcome.AlreadyRunning } => throw new CliException(ExitCode.CheckRunning, $"A check of {mountPoint} is running.", "Wait for its end."),
            { Outcome: CheckOutcome.Failed } failed => throw new CliException(failed.Code, $"The check of {mountPoint} broke off: {failed.Message}", FailureMap.AdviceFor(failed.Code)),
            _ => throw server.Lost(reply?.Error ?? $"Server {server.Status.Pid} of {mountPoint} ended the check without a report.", null),
        };
    }

    /// <param name="Path">Of the container or a mount point.</param>
    /// <param name="Repair">Mend.</param>
    /// <param name="Json">Print an object.</param>
    /// <param name="Credential">Where the credential comes from, if one is needed.</param>
    private sealed record Request(string Path, bool Repair, bool Json, CredentialSource Credential);

    /// <param name="Report">What was found; after a repair, what still is.</param>
    /// <param name="Actions">What a repair did; null without one.</param>
    private sealed record Result(CheckReport Report, IReadOnlyList<string>? Actions)
    {
        public static Result Of(RepairReport repaired) =>
            new(repaired.After, repaired.Actions.Count > 0 ? repaired.Actions : ["Nothing had to be mended."]);
    }
}
