using Vault.PosixStress;

// Random operations on a file system and on a plain directory beside it, which must answer alike (docs/testing.md). The options
// are those of Options.cs; tests/posix-stress.sh gives them.
Options options = Options.Parse(args);
try
{
    if (options.IsWorker)
        new Worker(options).Run();
    else
        new Coordinator(options).Run();
    return 0;
}
catch (CaseFailedException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
