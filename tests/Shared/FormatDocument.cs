using System.Globalization;

namespace Vault.Testing;

/// <summary>Reads the tables of docs/format and holds them against the code, so that they cannot drift.</summary>
internal static class FormatDocument
{
    /// <summary>The size cell of a last field whose length varies.</summary>
    private const string Rest = "rest";

    /// <summary>Compares a table of offsets, sizes and fields with the code's; it has no gap and ends at <paramref name="totalSize"/>.</summary>
    public static void CheckTable(string document, string heading, int totalSize, (string Field, int Offset, int Size)[] expected)
    {
        (string Field, int Offset, int Size)[] actual = Fields(document, heading, totalSize);
        Assert.Equal(expected, actual);
    }

    /// <summary>
    /// Holds a table against real bytes: each field lies where the table says, and nothing lies between. Give each
    /// field a value of its own: equal ones could change places unnoticed.
    /// </summary>
    /// <param name="document">Path in the repository.</param>
    /// <param name="heading">The line that the table follows.</param>
    /// <param name="encoding">What the code wrote.</param>
    /// <param name="expected">The bytes of each field, in order.</param>
    public static void CheckEncoding(string document, string heading, ReadOnlySpan<byte> encoding, params (string Field, byte[] Bytes)[] expected)
    {
        (string Field, int Offset, int Size)[] fields = Fields(document, heading, encoding.Length);
        Assert.Equal(expected.Select(e => e.Field), fields.Select(f => f.Field));
        foreach (((string field, int offset, int size), (_, byte[] bytes)) in fields.Zip(expected))
        {
            string actual = Convert.ToHexString(encoding.Slice(offset, size));
            Assert.True(actual == Convert.ToHexString(bytes), $"{heading}, {field}: {Convert.ToHexString(bytes)} was written, {actual} lies there");
        }
    }

    /// <summary>The cells of the first table after a line, without its two head rows.</summary>
    public static List<string[]> Rows(string document, string heading)
    {
        List<string[]> rows = [.. Repository.Read(document).Split('\n')
            .SkipWhile(l => l != heading)
            .SkipWhile(l => !l.StartsWith('|'))
            .TakeWhile(l => l.StartsWith('|'))
            .Skip(2)
            .Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries))];
        Assert.NotEmpty(rows);
        return rows;
    }

    private static (string Field, int Offset, int Size)[] Fields(string document, string heading, int totalSize)
    {
        List<(string Field, int Offset, int Size)> fields = [];
        int end = 0;
        foreach (string[] row in Rows(document, heading))
        {
            int offset = Number(row[0]);
            int size = row[1] == Rest ? totalSize - offset : Number(row[1]);
            Assert.True(offset == end, $"{row[2]} begins at {offset}, the field before it ends at {end}");
            end += size;
            fields.Add((row[2], offset, size));
        }

        Assert.Equal(totalSize, end);
        return [.. fields];
    }

    private static int Number(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
}
