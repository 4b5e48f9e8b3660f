using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vault.Storage.Tests;

/// <summary>Looks for bugs in what a vault logs: exceptions that only a bug throws, caught where nobody waits for an outcome. Damage is no bug.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<string> _bugs = new();

    public void AssertNoBugs() => Assert.True(_bugs.IsEmpty, string.Join('\n', _bugs));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Critical;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string text = formatter(state, exception);
        if (logLevel == LogLevel.Critical && (exception is not (null or VaultException) || text.Contains(" failed: ", StringComparison.Ordinal)))
            _bugs.Enqueue($"{text} {exception}");
    }
}
