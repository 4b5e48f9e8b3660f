namespace Vault.Compare.Systems;

/// <summary>Systems by name.</summary>
internal static class SystemCatalog
{
    private const string VaultfsName = "vaultfs";

    public static string Names => "vaultfs, vaultfs@CHECKOUT, gocryptfs, securefs, cryfs, encfs, passthrough_ll, plain";

    /// <param name="selection">Names separated by commas; null for all that are installed.</param>
    /// <param name="root">The checkout whose vaultfs is meant by that name.</param>
    /// <param name="artifacts">Where compiled examples go.</param>
    /// <param name="unlockOptions">Given to every vaultfs.</param>
    /// <param name="say">Gets what is left out, and why.</param>
    /// <exception cref="ArgumentException">A name means nothing, or what is asked for by name is missing.</exception>
    public static IReadOnlyList<FileSystem> Select(string? selection, string root, string artifacts, IReadOnlyList<string> unlockOptions, Action<string> say)
    {
        FileSystem[] all =
        [
            new Vaultfs(VaultfsName, root, unlockOptions), new Peers.Gocryptfs(), new Peers.Securefs(), new Peers.Cryfs(), new Peers.Encfs(),
            new Passthrough(artifacts), new PlainDirectory(),
        ];
        if (selection is null)
        {
            foreach (FileSystem missing in all.Where(system => system.Missing is not null))
                say($"{missing.Label} is left out: {missing.Missing}");
            return [.. all.Where(system => system.Missing is null)];
        }

        List<FileSystem> selected = [];
        foreach (string name in selection.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            FileSystem system = Find(name) ?? throw new ArgumentException($"There is no system '{name}'; there are {Names}.", nameof(selection));
            if (system.Missing is { } why)
                throw new ArgumentException($"{name}: {why}.", nameof(selection));
            string label = system.Label;
            selected.Add(selected.Any(other => other.Label == label) ? throw new ArgumentException($"{label} is named twice.", nameof(selection)) : system);
        }

        return selected;

        FileSystem? Find(string name) => name.StartsWith(VaultfsName + "@", StringComparison.Ordinal)
            ? Variant(name[(VaultfsName.Length + 1)..])
            : all.FirstOrDefault(system => system.Label == name || (name == "passthrough" && system.Part == Part.Passthrough));

        Vaultfs Variant(string checkout) => new($"{VaultfsName}@{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkout)))}", Path.GetFullPath(checkout), unlockOptions);
    }
}
