namespace Vault.Compare.Report;

internal static class Numbers
{
    /// <summary>Three digits that count, or all before the point.</summary>
    public static string Show(double? value) => value is not { } number
        ? "-"
        : number.ToString(Math.Abs(number) switch { >= 100 => "N0", >= 10 => "N1", >= 0.1 => "N2", _ => "N3" }, CultureInfo.InvariantCulture);

    public static string Ratio(double? value) => value is { } number ? number.ToString("0.00", CultureInfo.InvariantCulture) : "-";
}
