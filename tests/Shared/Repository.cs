namespace Vault.Testing;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "VaultFs.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("No checkout above the tests.");
    }
}
