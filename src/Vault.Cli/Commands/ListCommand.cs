using System.CommandLine;
using System.Text.Json;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs list</c>.</summary>
internal static class ListCommand
{
    public static Command Build()
    {
        Option<bool> json = new("--json") { Description = "Print an array of objects" };
        Command command = new("list", "Show this user's unlocked vaults") { json };
        command.SetAction(result =>
        {
            TextWriter error = result.InvocationConfiguration.Error;
            IReadOnlyList<ServerStatus> vaults = UnlockedVaults.Find(text => error.WriteLine($"vaultfs: warning: {text}"));
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(vaults, OutputJson.Readable.IReadOnlyListServerStatus));
            }
            else
            {
                VaultTable.Print(vaults, output);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }
}
