using Vault.Storage;
using Xunit;

namespace Vault.Cli.Tests.Findings;

public sealed class ProgressLineTests
{
    private const long Gib = 1L << 30;

    // Goal: share, bytes, rate, time left and findings are right, and no line is as wide as a terminal.
    // Method: the beginning, the middle, the end, an unknown and a wrong total, the largest numbers.
    [Theory]
    [InlineData(0, 4 * Gib, 0, 0, "[....................]   0 %  0 B  0 B/s")]
    [InlineData(Gib, 4 * Gib, 0, 2, "[#####...............]  25 %  1.00 GiB  512 MiB/s  0:06 left")]
    [InlineData(Gib, 4 * Gib, 3, 7200, "[#####...............]  25 %  1.00 GiB  146 KiB/s  6:00:00 left  3 found")]
    [InlineData(4 * Gib, 4 * Gib, 0, 4, "[####################] 100 %  4.00 GiB  1.00 GiB/s  0:00 left")]
    [InlineData(1536, 0, 0, 1, "[....................]   0 %  1.50 KiB  1.50 KiB/s")]
    [InlineData(8, 4, 0, 1, "[####################] 100 %  8 B  8 B/s  0:00 left")]
    [InlineData(long.MaxValue / 4, long.MaxValue, 9_999_999, 1, "[#####...............]  25 %  2.00 EiB  2.00 EiB/s  0:03 left  9999999 found")]
    public void Text(long done, long total, long findings, int seconds, string expected)
    {
        string text = ProgressLine.Text(new CheckProgress(done, total, findings), TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, text);
        Assert.True(text.Length < 80);
    }

    // Goal: the bar is drawn a few times a second, and is gone when something else is printed.
    // Method: reports 1 ms apart, by a clock of the test.
    [Fact]
    public void The_bar_is_drawn_rarely_and_taken_away()
    {
        using StringWriter terminal = new();
        SteppingTime time = new();
        ProgressLine line = new(terminal, time);

        for (int i = 0; i < 1000; i++)
        {
            time.NowMs++;
            line.Report(new CheckProgress(i, 1000, 0));
        }

        Assert.InRange(terminal.ToString().Split('\r').Length - 1, 9, 11);
        line.Clear();
        Assert.EndsWith("\r\u001b[K", terminal.ToString(), StringComparison.Ordinal);
        int length = terminal.ToString().Length;
        line.Clear();
        Assert.Equal(length, terminal.ToString().Length);
    }

    private sealed class SteppingTime : TimeProvider
    {
        public long NowMs { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => NowMs;
    }
}
