using Vault.Posix.Interop;
using static Vault.Posix.Harness.Shorthand;

namespace Vault.Posix.Harness;

/// <summary>Which times of a file an operation sets.</summary>
[Flags]
internal enum Times
{
    None = 0,
    Access = 1,
    Modify = 2,
    Change = 4,
}

/// <summary>Rules about times: exactly those named advance, the others stay as they were to the nanosecond.</summary>
internal static class Clock
{
    /// <summary>More than a tick of the kernel's coarse clock, so that a time that is set differs from the one before.</summary>
    private const int TickMilliseconds = 15;

    public static void Sets(string path, Times expected, Action action)
    {
        Stat before = Lstat(path);
        Thread.Sleep(TickMilliseconds);
        action();
        Stat after = Lstat(path);
        Times actual = Advance(before.Access, after.Access, Times.Access)
            | Advance(before.Modify, after.Modify, Times.Modify)
            | Advance(before.Change, after.Change, Times.Change);
        if (actual != expected)
        {
            throw new CaseFailedException($"of {path} these times were set: {actual}, not {expected}");
        }
    }

    private static Times Advance(Time before, Time after, Times which) => after < before
        ? throw new CaseFailedException($"{which} time went back from {before} to {after}")
        : after > before ? which : Times.None;
}
