using System.Diagnostics;
using System.Text.Json;
using Vault.Compare.Commands;
using Vault.Compare.Interop;
using Vault.Compare.Systems;
using Vault.Compare.Work;

namespace Vault.Compare.Running;

/// <summary>A process that does one row's work: this program again.</summary>
internal sealed class Client : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    public Client(Place place, string workload, WorkPlan plan)
    {
        _process = Tool.Start(place, place.ClientProgram, ["work", workload, JsonSerializer.Serialize(plan)]);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public void AwaitReady(CancellationToken cancellation) => _ = Line(line => line == WorkCommand.Ready, cancellation);

    public void Continue() => _process.StandardInput.WriteLine("go");

    public WorkResult AwaitResult(CancellationToken cancellation) =>
        JsonSerializer.Deserialize<WorkResult>(Line(line => line.StartsWith('{'), cancellation))!;

    public void AwaitEnd(CancellationToken cancellation)
    {
        _process.WaitForExitAsync(cancellation).GetAwaiter().GetResult();
        if (_process.ExitCode != 0)
            throw Failure();
    }

    /// <summary>Ends it, and what it started, if that still runs.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private string Line(Predicate<string> expected, CancellationToken cancellation)
    {
        string? line = _process.StandardOutput.ReadLineAsync(cancellation).AsTask().GetAwaiter().GetResult();
        return line is not null && expected(line) ? line : throw Failure();
    }

    private IOException Failure() => new(_errors.Wait(TimeSpan.FromSeconds(5)) && _errors.Result.Trim() is { Length: > 0 } text ? text : "The client ended without a result.");
}
