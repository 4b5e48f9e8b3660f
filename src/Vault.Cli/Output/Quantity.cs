namespace Vault.Cli;

/// <summary>A number of things for a person.</summary>
internal static class Quantity
{
    /// <returns><c>1 file</c>, <c>2 files</c>.</returns>
    public static string Of(long count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    public static string Files(long count) => Of(count, "file", "files");

    public static string Directories(long count) => Of(count, "directory", "directories");
}
