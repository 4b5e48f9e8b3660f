return (int)Vault.Cli.Commands.VaultfsCommandLine.Run(args);
