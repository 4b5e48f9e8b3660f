using System.CommandLine;
using Vault.Crypto;
using Vault.Fuse;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs unlock VAULT MOUNTPOINT</c>.</summary>
internal static class UnlockCommand
{
    public static Command Build()
    {
        Argument<string> vault = new("VAULT") { Description = "The container file" };
        Argument<string> mountPoint = new("MOUNTPOINT") { Description = "An empty directory" };
        Option<bool> foreground = new("--foreground") { Description = "Serve in this process until Ctrl-C, and log to standard error" };
        Option<bool> acceptOlderState = new("--accept-older-state")
        {
            Description = "Go on from the newest state that is whole, though a newer one is lost: what was written since is given up",
        };
        ServingOptions serving = new();
        CredentialOptions credential = new();
        Command command = new("unlock", "Open a vault and mount it; a background process serves it");
        command.Arguments.Add(vault);
        command.Arguments.Add(mountPoint);
        command.Options.Add(foreground);
        command.Options.Add(acceptOlderState);
        serving.AddTo(command);
        credential.AddTo(command);
        command.SetAction(result =>
        {
            Request request = new(
                PathResolver.Resolve(result.GetValue(vault)!),
                PathResolver.Resolve(result.GetValue(mountPoint)!),
                serving.Read(result),
                credential.Read(result),
                result.GetValue(foreground),
                result.GetValue(acceptOlderState));
            return (int)Run(request, result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
        });
        return command;
    }

    private static ExitCode Run(Request request, TextWriter output, TextWriter error)
    {
        _ = MountOptionList.Parse(request.Settings.MountOptions, out MountOptionList mountOptions);
        if (mountOptions.NeedsRoot && !Environment.IsPrivilegedProcess)
        {
            throw new CliException(ExitCode.MountRefused, $"Mounting {request.Vault} with the options suid or dev is refused: only root may.", "Leave them out: nosuid and nodev are the default.");
        }

        FuseServer.CheckMountPoint(request.MountPoint);
        _ = ProcessHardening.DisableDumps();
        using Credential? created = Path.Exists(request.Vault) ? null : OfferCreation(request, output);
        UnverifiedHeader header = VaultOpening.ReadHeader(request.Vault, request.Settings.ReadOnly, Warn);
        using MasterKey master = created is null
            ? VaultOpening.AskAndUnlock(header, request.Credential, request.Vault, Warn)
            : VaultOpening.TryUnlock(header, created, request.Vault) ?? throw new InvalidOperationException("The new vault does not open.");
        ServerStart start = new(request.Vault, header.Id.ToString(), request.MountPoint, request.Settings, request.AcceptOlderState);
        if (request.Foreground)
        {
            return ForegroundServer.Run(start, master, output, Tell);
        }

        (int pid, ServerReport report) = ServerLauncher.Launch(start, master);
        foreach (string warning in report.Warnings)
        {
            Warn(warning);
        }

        if (report.Notice is { } notice)
        {
            Tell(notice);
        }

        output.WriteLine($"Unlocked {request.Vault} at {request.MountPoint} (server {pid}).");
        return ExitCode.Success;

        void Warn(string text) => error.WriteLine($"vaultfs: warning: {text}");

        void Tell(OpeningNotice notice) => error.WriteLine($"vaultfs: {(notice.IsWarning ? "warning: " : "")}{notice.Text}");
    }

    /// <summary>Asks a person whether to make the vault that is missing.</summary>
    /// <returns>The credential that opens it; the caller disposes of it.</returns>
    private static Credential OfferCreation(Request request, TextWriter output)
    {
        using (Terminal? terminal = request.Credential.Prompts ? Terminal.TryOpen() : null)
        {
            if (terminal is null || !terminal.Confirm($"There is no vault at {request.Vault}. Make one?"))
            {
                throw new CliException(ExitCode.NotFound, $"{request.Vault} does not exist.", FailureMap.AdviceFor(ExitCode.NotFound));
            }
        }

        VaultCreation.CheckPath(request.Vault);
        Credential credential = CredentialReader.Read(request.Credential, request.Vault, isNew: true);
        try
        {
            VaultCreation.Create(request.Vault, CreateOptions.Default(), credential);
            output.WriteLine($"Created {request.Vault}.");
            return credential;
        }
        catch
        {
            credential.Dispose();
            throw;
        }
    }

    private sealed record Request(string Vault, string MountPoint, VaultfsSettings Settings, CredentialSource Credential, bool Foreground, bool AcceptOlderState);
}
