using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Checks one durable state: its tree, its content and its space map, from the medium, around damage.</summary>
internal static class StateCheck
{
    /// <param name="medium">Is only read.</param>
    /// <param name="cipher">Of the vault.</param>
    /// <param name="state">Nothing overwrites its blocks meanwhile.</param>
    /// <param name="chunkSize">From the header.</param>
    /// <param name="log">Receives what is found.</param>
    /// <param name="cancellation">Ends the check.</param>
    public static CheckReport Run(IMedium medium, VaultCipher cipher, Superblock state, int chunkSize, CheckLog log, CancellationToken cancellation)
    {
        log.TotalBytes = Math.Max(0, (long)state.Space.TotalBlocks - state.Space.FreeBlocks) * ContainerLayout.BlockSize;
        using CheckContext context = Prepare(medium, cipher, state, chunkSize, log, cancellation);
        TableCheck tables = new(context);
        context.Tree.Walk(tables, default, TreeKey.Highest, bothCopies: true);
        tables.Finish();
        LogCheck.Place(context);
        new SpaceCheck(context, context.Lost.IsEmpty).Run();
        log.Report();
        return new CheckReport
        {
            Generation = state.Generation,
            Files = tables.Files,
            Directories = tables.Directories,
            CheckedBytes = log.DoneBytes,
            Findings = log.Counts,
        };
    }

    private static CheckContext Prepare(IMedium medium, VaultCipher cipher, Superblock state, int chunkSize, CheckLog log, CancellationToken cancellation)
    {
        SealedUnits units = new(medium, cipher, null);
        DurableTree tree = new(units, state.TreeRoot, state.Generation);
        try
        {
            InodeIndex index = InodeIndexer.Build((visitor, low, end) => tree.Walk(visitor, low, end, bothCopies: false), cancellation);
            return new CheckContext
            {
                Medium = medium,
                Cipher = cipher,
                Units = units,
                State = state,
                ChunkSize = chunkSize,
                Tree = tree,
                Log = log,
                Reached = new ReachedBlocks(state.Space.TotalBlocks),
                Shared = SharedIndex.Of(tree),
                Index = index,
                Paths = new StatePaths(tree, index),
                Lost = new LostRanges(),
            };
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }
}
