using System.Diagnostics;
using Vault.Posix;
using Vault.Posix.Harness;
using static Vault.Posix.Interop.Calls;

// Runs every rule of POSIX and Linux that the suite knows in a directory, as root:
//   Vault.Posix DIRECTORY [TEXT]              (only cases whose name contains TEXT)
//   Vault.Posix --no-holes DIRECTORY [TEXT]   (without those of file systems that tell holes from data)
//   Vault.Posix --list                        (names of all cases)
bool tellsHoles = args is not ["--no-holes", ..];
args = tellsHoles ? args : args[1..];
if (args is ["--list"])
{
    foreach (Case rule in Suite.Groups.SelectMany(group => group))
    {
        Console.WriteLine(rule.Name);
    }

    return 0;
}

if (args is not [string directory, .. { Length: <= 1 } rest] || !Environment.IsPrivilegedProcess)
{
    Console.Error.WriteLine("As root: Vault.Posix [--no-holes] DIRECTORY [TEXT], or Vault.Posix --list");
    return 2;
}

_ = umask(0);
long start = Stopwatch.GetTimestamp();
Runner runner = new(Path.GetFullPath(directory), tellsHoles, Console.Out);
runner.Run(Suite.Groups, rest is [string filter] ? filter : "");
Console.WriteLine($"{runner.Passed} passed, {runner.Failed} failed, {runner.NotApplicable} not applicable, {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
return runner.Failed == 0 && runner.Passed > 0 ? 0 : 1;
