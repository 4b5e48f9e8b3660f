using System.Diagnostics;
using Vault.Compare.Interop;

namespace Vault.Compare.Systems;

/// <summary>A mount whose server is a child of this process, in the foreground.</summary>
internal sealed class ServedMount : Mounted
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Process _server;
    private readonly StringBuilder _messages = new();

    private ServedMount(Place place, Process server, string input, string program) : base(place.MountPoint)
    {
        long started = Stopwatch.GetTimestamp();
        _server = server;
        server.OutputDataReceived += (_, line) => Note(line.Data);
        server.ErrorDataReceived += (_, line) => Note(line.Data);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        try
        {
            server.StandardInput.Write(input);
            server.StandardInput.Close();
            AwaitMount(program, started, place.Cancellation);
        }
        catch
        {
            Abandon();
            throw;
        }

        UnlockSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public override int? Server => _server.Id;

    /// <param name="place">Where.</param>
    /// <param name="input">Given to the server's standard input.</param>
    /// <param name="program">The server.</param>
    /// <param name="arguments">With which it stays in the foreground.</param>
    public static ServedMount Start(Place place, string input, string program, params IEnumerable<string> arguments) =>
        new(place, Tool.Start(place, program, arguments), input, program);

    public override void Unmount()
    {
        _ = Tool.Run(null, "fusermount3", "-u", Directory);
        if (!_server.WaitForExit(s_patience))
            throw new IOException($"The server did not end after its mount was gone: {Messages}");
        _server.Dispose();
    }

    public override void Abandon()
    {
        Detach.Lazily(Directory);
        if (!_server.HasExited)
            Posix.Kill(_server.Id);
        _server.WaitForExit();
    }

    private string Messages
    {
        get
        {
            lock (_messages)
                return _messages.ToString().Trim();
        }
    }

    private void AwaitMount(string program, long started, CancellationToken cancellation)
    {
        while (!Mounts.IsMounted(Directory))
        {
            if (_server.HasExited || Stopwatch.GetElapsedTime(started) > s_patience)
                throw new IOException($"{program} did not mount: {Messages}");
            cancellation.ThrowIfCancellationRequested();
            Thread.Sleep(1);
        }

        // The first answer comes when the server serves.
        _ = System.IO.Directory.GetLastWriteTimeUtc(Directory);
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (_messages)
            if (_messages.Length < 2000)
                _ = _messages.AppendLine(line);
    }
}
