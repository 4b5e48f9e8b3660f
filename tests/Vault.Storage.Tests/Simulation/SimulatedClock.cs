namespace Vault.Storage.Tests.Simulation;

/// <summary>A clock that counts operations.</summary>
internal sealed class SimulatedClock : Clock
{
    public long Time { get; set; }

    public override Timestamp Now => new(Time, 0);
}
