using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Vault.Cli;

/// <summary>
/// Logs to a file of bounded size: at its limit it becomes <c>NAME.old</c>, replacing the one before. Mode 0600.
/// </summary>
internal sealed class FileLog : ILoggerProvider
{
    private const long DefaultLimitBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly long _limitBytes;
    private FileStream _file;

    /// <param name="path">The log; its directory is made if it is missing.</param>
    /// <param name="time">Stamps the lines.</param>
    /// <param name="limitBytes">When the file is replaced.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be made.</exception>
    public FileLog(string path, TimeProvider time, long limitBytes = DefaultLimitBytes)
    {
        _path = path;
        _time = time;
        _limitBytes = limitBytes;
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _file = Open();
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private FileStream Open() => new(_path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private void Write(LogLevel level, string category, string message)
    {
        string stamp = _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        byte[] line = Encoding.UTF8.GetBytes($"{stamp} {Environment.ProcessId} {level} {category}: {message}\n");
        lock (_lock)
        {
            if (_file.Length + line.Length > _limitBytes)
            {
                _file.Dispose();
                File.Move(_path, _path + ".old", overwrite: true);
                _file = Open();
            }

            _file.Write(line);
        }
    }

    private sealed class Category(FileLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(logLevel, name, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}");
    }
}
