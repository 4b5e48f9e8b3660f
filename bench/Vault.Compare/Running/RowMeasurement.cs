using System.Diagnostics;
using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Systems;
using Vault.Compare.Work;

namespace Vault.Compare.Running;

/// <summary>Measures one row on what is mounted.</summary>
internal static class RowMeasurement
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <param name="place">Of the run.</param>
    /// <param name="row">Which.</param>
    /// <param name="mount">Where; its server is looked at.</param>
    /// <param name="plans">One a client.</param>
    public static Measurement Take(Place place, Row row, Mounted mount, IReadOnlyList<WorkPlan> plans)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(place.Cancellation);
        limit.CancelAfter(s_patience);
        List<Client> clients = [];
        try
        {
            foreach (WorkPlan plan in plans)
                clients.Add(new Client(place, row.Workload ?? row.Name, plan));
            foreach (Client client in clients)
                client.AwaitReady(limit.Token);

            long serverCpu = ServerProcess.CpuMicroseconds(mount.Server);
            foreach (Client client in clients)
                client.Continue();
            WorkResult[] results = [.. clients.Select(client => client.AwaitResult(limit.Token))];
            long worked = Stopwatch.GetTimestamp();
            foreach (Client client in clients)
                client.Continue();
            foreach (Client client in clients)
                client.AwaitEnd(limit.Token);
            double settleSeconds = Stopwatch.GetElapsedTime(worked).TotalSeconds;
            serverCpu = ServerProcess.CpuMicroseconds(mount.Server) - serverCpu;

            long units = results.Sum(result => result.Units);
            double seconds = (results.Max(result => result.Ended) - results.Min(result => result.Started)) / (double)Stopwatch.Frequency;
            double cpuUnits = units / row.Unit.CpuUnits;
            return new(row.Unit.Value(units, seconds), results.Sum(result => result.CpuMicroseconds) / cpuUnits, serverCpu / cpuUnits, settleSeconds);
        }
        catch (OperationCanceledException) when (!place.Cancellation.IsCancellationRequested)
        {
            throw new IOException($"It took longer than {s_patience.TotalMinutes} minutes.");
        }
        finally
        {
            foreach (Client client in clients)
                client.Dispose();
        }
    }
}
