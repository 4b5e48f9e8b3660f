namespace Vault.Compare.Rows;

/// <summary>What vaultfs is measured against.</summary>
internal enum Reference
{
    /// <summary>The best of the encrypted peers.</summary>
    BestPeer,

    /// <summary>The best of the encrypted peers and libfuse's unencrypted example.</summary>
    BestMounted,

    /// <summary>libfuse's unencrypted example.</summary>
    Passthrough,

    Gocryptfs,

    /// <summary>Nobody: the factor is the number itself.</summary>
    Nobody,
}

/// <summary>What a row has to reach: at least, or for times and sizes at most, so many times the reference's number.</summary>
internal sealed record Target(Reference Against, double Factor)
{
    public string Describe(Unit unit)
    {
        string sign = unit.HigherIsBetter ? ">=" : "<=";
        string factor = Factor.ToString("0.##", CultureInfo.InvariantCulture);
        return Against switch
        {
            Reference.Nobody => $"{sign} {factor} {unit.Label}",
            Reference.BestPeer => $"{sign} {factor} x best peer",
            Reference.BestMounted => $"{sign} {factor} x best",
            Reference.Passthrough => $"{sign} {factor} x passthrough",
            Reference.Gocryptfs => $"{sign} {factor} x gocryptfs",
            _ => throw new InvalidOperationException($"{Against}"),
        };
    }
}
