namespace Vault.Compare.Results;

/// <summary>One row of one system in one round.</summary>
/// <param name="Value">In the row's unit.</param>
/// <param name="ClientCpu">Microseconds of the clients a CPU unit of the row; 0 where none is measured.</param>
/// <param name="ServerCpu">Likewise of the server, to which it belongs to write what the work left to be written; 0 without a server.</param>
/// <param name="SettleSeconds">How long that writing took after the work. Not in <paramref name="Value"/>.</param>
internal sealed record Measurement(double Value, double ClientCpu = 0, double ServerCpu = 0, double SettleSeconds = 0)
{
    public double Cpu => ClientCpu + ServerCpu;
}
