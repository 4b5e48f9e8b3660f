using System.CommandLine;

namespace Vault.Cli.Commands;

/// <summary>
/// <c>vaultfs serve VAULT MOUNTPOINT</c>: the background process. Its arguments are there for a reader of <c>ps</c>;
/// what it does comes over the pipe from <c>unlock</c>.
/// </summary>
internal static class ServeCommand
{
    public static Command Build()
    {
        Command command = new("serve", "The background process of 'unlock'; not to be called") { Hidden = true };
        command.Arguments.Add(new Argument<string>("VAULT"));
        command.Arguments.Add(new Argument<string>("MOUNTPOINT"));
        command.SetAction(_ => (int)BackgroundServer.Run());
        return command;
    }
}
