using Vault.Cli;
using Vault.Cli.Commands;

// The server is no command of a person, and must not touch Console: see ServerProcess.
return args is [BackgroundServer.CommandName, ..]
    ? (int)BackgroundServer.Run()
    : (int)VaultfsCommandLine.Run(args);
