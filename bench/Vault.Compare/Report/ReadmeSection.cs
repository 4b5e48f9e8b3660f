namespace Vault.Compare.Report;

/// <summary>Puts the table between two markers of a page.</summary>
internal static class ReadmeSection
{
    public const string Begin = "<!-- compare:begin -->";
    public const string End = "<!-- compare:end -->";

    /// <exception cref="InvalidDataException">The page has not both markers, in this order.</exception>
    public static string Replace(string page, string content)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"The page lacks the lines '{Begin}' and '{End}'.");
        return $"{page[..(begin + Begin.Length)]}\n{content.Trim()}\n{page[end..]}";
    }
}
