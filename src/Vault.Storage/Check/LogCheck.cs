using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Checks the intent log that goes on from a state.</summary>
internal static class LogCheck
{
    /// <summary>Its segment lies where nothing else does.</summary>
    public static void Place(CheckContext context)
    {
        LogStart start = context.State.Log;
        if (!start.IsNone && (!start.Segment.LiesWithin(context.Medium.LengthBytes) || !context.Reached.TryAdd(start.Segment.AsUnit)))
            context.Log.Add(CheckFindingKind.IntentLog, start.Segment.AsUnit, "The log of synced changes lies where it cannot be.");
    }

    /// <summary>What was synced since can be read. Nobody appends to it meanwhile.</summary>
    public static void Content(IMedium medium, VaultCipher cipher, Superblock state, CheckLog log)
    {
        LogScan scan = LogScan.Of(medium, cipher, state);
        if (scan.IsDamaged)
            log.Add(CheckFindingKind.IntentLog, state.Log.Segment.AsUnit, FormattableString.Invariant($"The log of synced changes is damaged: of the syncs since generation {state.Generation} the first {scan.Appends.Count} can be read."));
        if (scan.NewerGeneration > 0)
            log.Add(CheckFindingKind.IntentLog, state.Log.Segment.AsUnit, FormattableString.Invariant($"Generation {scan.NewerGeneration} was durable, and its superblock cannot be read."));
    }
}
