using Microsoft.Extensions.Logging;

namespace Vault.Cli;

/// <summary>Where a server logs: a file in the background, standard error in the foreground.</summary>
internal sealed class ServerLog : IDisposable
{
    private readonly ILoggerFactory _factory;

    private ServerLog(ILoggerFactory factory, string? path, string? warning)
    {
        _factory = factory;
        Path = path;
        Warning = warning;
        Logger = factory.CreateLogger("vaultfs");
    }

    public ILogger Logger { get; }

    /// <summary>The file, or null.</summary>
    public string? Path { get; }

    /// <summary>Why there is no file, or null.</summary>
    public string? Warning { get; }

    public static ServerLog ToConsole(LogLevel level) => new(
        LoggerFactory.Create(builder => builder
            .SetMinimumLevel(level)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(console => console.SingleLine = true)),
        null,
        null);

    /// <summary>Logs to <c>STATE/vaultfs/ID.log</c>. A vault is served also where that cannot be written.</summary>
    public static ServerLog ToFile(string vaultId, LogLevel level)
    {
        string? path = UserDirectories.StateDirectory() is { } directory ? System.IO.Path.Combine(directory, vaultId + ".log") : null;
        if (path is null)
        {
            return new ServerLog(LoggerFactory.Create(_ => { }), null, "The server keeps no log: neither XDG_STATE_HOME nor HOME is set.");
        }

        try
        {
            FileLog file = new(path, TimeProvider.System);
            return new ServerLog(LoggerFactory.Create(builder => builder.SetMinimumLevel(level).AddProvider(file)), path, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ServerLog(LoggerFactory.Create(_ => { }), null, $"The server keeps no log: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _factory.Dispose();
}
