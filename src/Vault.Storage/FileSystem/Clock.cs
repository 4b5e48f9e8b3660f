using Vault.Storage.Interop;

namespace Vault.Storage;

/// <summary>Where time stamps come from, to the nanosecond (a <see cref="TimeProvider"/> has 100 ns). Handed in.</summary>
public abstract class Clock
{
    /// <summary>
    /// The kernel's coarse real-time clock: the one that it stamps files with itself, so that its own stamp of a
    /// creation and ours agree and it has nothing to correct.
    /// </summary>
    public static Clock System { get; } = new SystemClock();

    /// <summary>Now.</summary>
    public abstract Timestamp Now { get; }

    private sealed class SystemClock : Clock
    {
        public override Timestamp Now
        {
            get
            {
                _ = LibC.clock_gettime(LibC.CLOCK_REALTIME_COARSE, out LibC.TimeSpec time); // cannot fail for this clock
                return new Timestamp(time.Seconds, (uint)time.Nanoseconds);
            }
        }
    }
}
