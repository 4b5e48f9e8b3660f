namespace Vault.Compare.Running;

/// <summary>What was seen of a system's servers in one round.</summary>
internal sealed class Seen
{
    public double PeakMib { get; set; }

    public List<double> UnlockSeconds { get; } = [];
}
