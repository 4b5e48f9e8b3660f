using Vault.Posix.Interop;
using static Vault.Posix.Interop.Calls;

namespace Vault.Posix.Harness;

/// <summary>Runs cases one after another, each in an empty directory of its own that it leaves behind, and prints a line for each.</summary>
/// <param name="directory">Where; absolute.</param>
/// <param name="tellsHoles">Whether its file system finds holes: a FUSE server cannot where the kernel collects writes.</param>
/// <param name="output">Receives the lines.</param>
internal sealed class Runner(string directory, bool tellsHoles, TextWriter output)
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Cases of rules that this kind of file system does not have.</summary>
    public int NotApplicable { get; private set; }

    public void Run(IEnumerable<Group> groups, string filter)
    {
        statfs(directory, out StatfsBuffer buffer).Ok();
        foreach (Group group in groups)
        {
            bool applies = group.Only.Contains((FileSystemKind)buffer.Type) && (tellsHoles || !group.NeedsHoles);
            foreach (Case rule in group.Where(rule => rule.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
            {
                if (applies)
                {
                    Run(rule);
                }
                else
                {
                    NotApplicable++;
                }
            }
        }
    }

    private void Run(Case rule)
    {
        string place = Path.Combine(directory, $"case-{Passed + Failed}");
        string? failure = null;
        try
        {
            mkdir(place, 0755).Ok();
            chmod(place, 0755).Ok();
            chdir(place).Ok();
            rule.Run();
        }
        catch (CaseFailedException exception)
        {
            failure = exception.Message;
        }
        finally
        {
            chdir(directory).Ok();
            CloseFilesBelow(place);
        }

        if (failure is null)
        {
            Passed++;
            output.WriteLine($"ok    {rule.Name}");
        }
        else
        {
            Failed++;
            output.WriteLine($"FAIL  {rule.Name}\n        {failure}");
        }
    }

    /// <summary>Cases do not close what they open: what is open below their directory is theirs.</summary>
    private static void CloseFilesBelow(string place)
    {
        foreach (string link in System.IO.Directory.GetFiles("/proc/self/fd"))
        {
            if (new FileInfo(link).LinkTarget is { } target && target.StartsWith(place, StringComparison.Ordinal))
            {
                // An error of an earlier write may come out here; the case has made its judgement.
                _ = close(int.Parse(Path.GetFileName(link)));
            }
        }
    }
}
