using Vault.Storage;

namespace Vault.Cli;

/// <summary>
/// A progress bar in one line of a terminal: share, bytes, rate, time left. Drawn here and not by a live display, because that
/// would hide the cursor, and findings are printed to the same terminal through another descriptor meanwhile.
/// </summary>
internal sealed class ProgressLine : IProgress<CheckProgress>
{
    private const int BarWidth = 20;
    private const string EraseLine = "\r\x1b[K";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter? _terminal;
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _drawn;
    private bool _isVisible;

    /// <param name="terminal">Where to draw, or null to draw nothing.</param>
    /// <param name="time">Measures the rate.</param>
    public ProgressLine(TextWriter? terminal, TimeProvider time)
    {
        _terminal = terminal;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Since this was made.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Draws, unless it did so a moment ago.</summary>
    public void Report(CheckProgress value)
    {
        if (_terminal is null || (_isVisible && _time.GetElapsedTime(_drawn) < Interval))
        {
            return;
        }

        _drawn = _time.GetTimestamp();
        _isVisible = true;
        _terminal.Write(EraseLine + Text(value, Elapsed));
    }

    /// <summary>Takes the bar away, so that something else can be printed; the next report draws it again.</summary>
    public void Clear()
    {
        if (_isVisible)
        {
            _terminal!.Write(EraseLine);
            _isVisible = false;
        }
    }

    /// <summary>What it looks like: below 80 columns, so that it never breaks.</summary>
    internal static string Text(CheckProgress progress, TimeSpan elapsed)
    {
        double share = progress.TotalBytes > 0 ? Math.Clamp((double)progress.DoneBytes / progress.TotalBytes, 0, 1) : 0;
        int filled = (int)(share * BarWidth);
        string bar = new string('#', filled) + new string('.', BarWidth - filled);
        double rate = elapsed > TimeSpan.Zero ? progress.DoneBytes / elapsed.TotalSeconds : 0;
        string left = rate > 0 && share > 0 ? $"  {Clock((progress.TotalBytes - progress.DoneBytes) / rate)} left" : "";
        string findings = progress.Findings > 0 ? $"  {progress.Findings} found" : "";
        return $"[{bar}] {share * 100,3:F0} %  {ByteSize.Of(progress.DoneBytes)}  {ByteSize.Of(rate)}/s{left}{findings}";
    }

    private static string Clock(double seconds)
    {
        long whole = (long)Math.Clamp(Math.Ceiling(seconds), 0, 99 * 3600);
        return whole >= 3600 ? $"{whole / 3600}:{whole / 60 % 60:D2}:{whole % 60:D2}" : $"{whole / 60}:{whole % 60:D2}";
    }
}
