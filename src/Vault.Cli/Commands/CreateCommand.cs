using System.CommandLine;
using Vault.Crypto;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs create VAULT</c>.</summary>
internal static class CreateCommand
{
    public static Command Build()
    {
        Argument<string> vault = new("VAULT") { Description = "The container file to make" };
        CreateOptions options = new();
        CredentialOptions credential = new();
        Command command = new("create", "Make a new, empty vault");
        command.Arguments.Add(vault);
        options.AddTo(command);
        credential.AddTo(command);
        command.SetAction(result =>
        {
            string path = PathResolver.Resolve(result.GetValue(vault)!);
            VaultCreation.CheckPath(path);
            _ = ProcessHardening.DisableDumps();
            using Credential secret = CredentialReader.Read(credential.Read(result), path, isNew: true);
            VaultCreation.Create(path, options.Read(result), secret);
            result.InvocationConfiguration.Output.WriteLine($"Created {path}. Unlock it with: vaultfs unlock {path} MOUNTPOINT");
            return (int)ExitCode.Success;
        });
        return command;
    }
}
