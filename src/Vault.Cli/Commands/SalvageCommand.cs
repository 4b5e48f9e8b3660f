using System.CommandLine;
using Vault.Crypto;
using Vault.Storage;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs salvage VAULT DIR</c>.</summary>
internal static class SalvageCommand
{
    public static Command Build()
    {
        Argument<string> vault = new("VAULT") { Description = "The container file" };
        Argument<string> directory = new("DIR") { Description = "Where to copy to: empty, or made" };
        Option<bool> json = new("--json") { Description = "Print an object" };
        CredentialOptions credential = new();
        Command command = new("salvage", "Copy out of a damaged vault all that can still be read; changes nothing in it") { vault, directory, json };
        credential.AddTo(command);
        command.SetAction(result =>
        {
            Request request = new(
                PathResolver.Resolve(result.GetValue(vault)!),
                PathResolver.Resolve(result.GetValue(directory)!),
                result.GetValue(json),
                credential.Read(result));
            return (int)Run(request, result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
        });
        return command;
    }

    private static ExitCode Run(Request request, TextWriter output, TextWriter error)
    {
        HostSalvageSink.CheckTarget(request.Directory);
        _ = ProcessHardening.DisableDumps();

        // A damaged copy of the header matters to nobody here.
        UnverifiedHeader header = VaultOpening.ReadHeader(request.Vault, readOnly: true, warn: _ => { });
        using MasterKey master = VaultOpening.AskAndUnlock(header, request.Credential, request.Vault, Warn);
        using FileMedium medium = FileMedium.Open(request.Vault, readOnly: true);
        FindingsRun run = FindingsRun.AtTerminal(request.Json, output, error);
        using HostSalvageSink sink = HostSalvageSink.Open(request.Directory, run.ReportNotCopied);
        SalvageReport report = run.Run(
            (progress, token) =>
            {
                SalvageReport copied = FailureMap.About(request.Vault, () => VaultSalvage.Run(medium, master, sink, run.Report, progress, token));
                sink.Finish();
                return copied;
            },
            (copied, elapsed) => (SalvageSummary.Lines(request.Directory, copied, sink, elapsed), SalvageSummary.Of(request.Vault, request.Directory, copied, sink, elapsed).ToJson()),
            (failure, elapsed) => SalvageSummary.Of(request.Vault, request.Directory, failure, elapsed).ToJson());
        ExitCode code = SalvageSummary.CodeOf(report, sink.ProblemCount);
        if (FailureMap.AdviceFor(code) is { } advice)
        {
            error.WriteLine($"vaultfs: {advice}");
        }

        return code;

        void Warn(string text) => error.WriteLine($"vaultfs: warning: {text}");
    }

    private sealed record Request(string Vault, string Directory, bool Json, CredentialSource Credential);
}
