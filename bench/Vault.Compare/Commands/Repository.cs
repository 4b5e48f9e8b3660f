namespace Vault.Compare.Commands;

internal static class Repository
{
    /// <summary>The checkout that this program was built in.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Artifacts => Path.Combine(Root, "artifacts", "compare");

    private static string Find(string directory)
    {
        for (DirectoryInfo? next = new(directory); next is not null; next = next.Parent)
            if (File.Exists(Path.Combine(next.FullName, "VaultFs.sln")))
                return next.FullName;
        throw new DirectoryNotFoundException($"{directory} does not lie in a checkout of vaultfs.");
    }
}
