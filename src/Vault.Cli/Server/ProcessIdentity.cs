using System.Globalization;

namespace Vault.Cli;

/// <summary>A process by number and start time, so that a number used again is not taken for it.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartTicks">Clock ticks from boot to its start, or null if it is gone.</param>
internal readonly record struct ProcessIdentity(int Pid, ulong? StartTicks)
{
    private const int PollMs = 5;

    public static ProcessIdentity Of(int pid) => new(pid, ReadStart(pid));

    /// <summary>Waits until the process has gone; a zombie counts as gone.</summary>
    public void WaitForExit()
    {
        while (StartTicks is not null && ReadStart(Pid) == StartTicks)
        {
            Thread.Sleep(PollMs);
        }
    }

    private static ulong? ReadStart(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // The name in parentheses may hold anything: fields count from the last one. proc(5): 3 is the state, 22 the start.
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[19], CultureInfo.InvariantCulture);
    }
}
