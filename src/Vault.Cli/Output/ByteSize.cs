namespace Vault.Cli;

/// <summary>Numbers of bytes for a person.</summary>
internal static class ByteSize
{
    private const int Step = 1024;
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <returns>Three digits or so, and the unit: <c>1.50 GiB</c>.</returns>
    public static string Of(double bytes)
    {
        int unit = 0;
        while (bytes >= Step && unit < Units.Length - 1)
        {
            bytes /= Step;
            unit++;
        }

        string format = unit == 0 || bytes >= 100 ? "F0" : bytes >= 10 ? "F1" : "F2";
        return $"{bytes.ToString(format)} {Units[unit]}";
    }
}
