namespace Vault.Crypto.Tests;

public sealed class CipherSuiteBenchmarkTests
{
    // Goal: the faster suite is chosen, but AES where the difference could be noise.
    // Method: a clock on which the rounds of one suite take longer; suites are measured in turns, AES first.
    [Theory]
    [InlineData(1, 2, CipherSuite.Aes256Gcm)]
    [InlineData(2, 1, CipherSuite.ChaCha20Poly1305)]
    [InlineData(1, 1, CipherSuite.Aes256Gcm)]
    [InlineData(100, 90, CipherSuite.Aes256Gcm)]
    [InlineData(100, 80, CipherSuite.ChaCha20Poly1305)]
    public void ChooseFastest_follows_the_clock(int aesMs, int chaChaMs, CipherSuite expected) =>
        Assert.Equal(expected, CipherSuiteBenchmark.ChooseFastest(new AlternatingTime(aesMs, chaChaMs)));

    private sealed class AlternatingTime(int firstMs, int secondMs) : TimeProvider
    {
        private int _readings;
        private long _now;

        public override long TimestampFrequency => 1000;

        /// <summary>Readings 1, 3, ... end a round: odd rounds last <c>firstMs</c>, even ones <c>secondMs</c>.</summary>
        public override long GetTimestamp()
        {
            int reading = _readings++;
            if (reading % 2 == 1)
                _now += reading % 4 == 1 ? firstMs : secondMs;
            return _now;
        }
    }
}
