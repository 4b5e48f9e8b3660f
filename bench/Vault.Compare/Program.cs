using System.CommandLine;
using Vault.Compare.Commands;

RootCommand root = RunCommand.Build();
root.Subcommands.Add(ReportCommand.Build());
root.Subcommands.Add(WorkCommand.Build());
// Ctrl-C is handled where mounts have to be taken away.
return root.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null });
