using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Systems;
using Vault.Compare.Work;

namespace Vault.Compare.Running;

/// <summary>The rows of a group on one system, in a fresh container. A row that fails costs itself and those that need it, not the others.</summary>
internal sealed class GroupRun(Place place, FileSystem system, IReadOnlyList<Row> rows, Func<string, IReadOnlyList<WorkPlan>> plans, Recorder recorder, Seen seen)
{
    private readonly HashSet<string> _failed = [];
    private Mounted? _mount;

    public void Run()
    {
        place.Cancellation.ThrowIfCancellationRequested();
        try
        {
            place.RemoveContainer();
            if (!Attempt(Begin, out string problem))
            {
                foreach (Row row in rows)
                    recorder.Fail(row, system.Label, problem);
                return;
            }

            foreach (Row row in rows)
            {
                place.Cancellation.ThrowIfCancellationRequested();
                One(row);
            }

            if (!Attempt(Unmount, out problem))
                recorder.Fail(rows[^1], system.Label, "afterwards: " + problem);
        }
        finally
        {
            Abandon();
            place.RemoveContainer();
        }
    }

    private void Begin()
    {
        system.Create(place);
        Mount();
        foreach (WorkPlan plan in plans(_mount!.Directory))
            _ = Directory.CreateDirectory(plan.Directory);
    }

    private void One(Row row)
    {
        if (row.Needs is { } needs && _failed.Contains(needs))
        {
            Fail(row, $"needs '{needs}', which failed");
            return;
        }

        if (Attempt(() => Measure(row), out string problem))
            return;
        Fail(row, problem);
        // The server may have died or hang: what follows gets a new one.
        Abandon();
    }

    private void Measure(Row row)
    {
        if (row.Cold && _mount is not null)
            Unmount();
        if (_mount is null)
            Mount();
        if (row.Cold)
            Caches.Drop(place.Root);
        recorder.Add(row, system.Label, RowMeasurement.Take(place, row, _mount!, plans(_mount!.Directory)));
    }

    private void Fail(Row row, string problem)
    {
        _ = _failed.Add(row.Name);
        recorder.Fail(row, system.Label, problem);
    }

    private void Mount()
    {
        _mount = system.Mount(place);
        if (_mount.Server is not { } server)
            return;
        seen.UnlockSeconds.Add(_mount.UnlockSeconds);
        ServerProcess.ResetPeak(server);
    }

    private void Unmount()
    {
        if (_mount!.Server is { } server)
            seen.PeakMib = Math.Max(seen.PeakMib, ServerProcess.PeakMib(server));
        _mount.Unmount();
        _mount = null;
    }

    private void Abandon()
    {
        Mounted? mount = _mount;
        _mount = null;
        mount?.Abandon();
    }

    private static bool Attempt(Action action, out string problem)
    {
        try
        {
            action();
            problem = "";
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            problem = failure.Message.ReplaceLineEndings(" ");
            return false;
        }
    }
}
