using Spectre.Console;

namespace Vault.Cli;

/// <summary>Unlocked vaults as a table for a person.</summary>
internal static class VaultTable
{
    public static void Print(IReadOnlyList<ServerStatus> vaults, TextWriter output)
    {
        if (vaults.Count == 0)
        {
            output.WriteLine("No vault is unlocked.");
            return;
        }

        Table table = new Table().AddColumns("Mount point", "Vault", "Server", "Mode", "Since").Border(TableBorder.Simple);
        foreach (ServerStatus vault in vaults)
        {
            // Text, not markup: a path may hold brackets.
            _ = table.AddRow(
                new Text(vault.MountPoint),
                new Text(vault.Vault),
                new Text(vault.Pid?.ToString() ?? "dead"),
                new Text(vault.ReadOnly == true ? "read-only" : "read-write"),
                new Text(vault.Since?.ToLocalTime().ToString("yyyy-MM-dd HH:mm") ?? ""));
        }

        PlainConsole.For(output).Write(table);
    }
}
