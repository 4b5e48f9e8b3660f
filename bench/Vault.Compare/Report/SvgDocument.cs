using System.Security;

namespace Vault.Compare.Report;

/// <summary>A drawing of bars, lines and words, in colours that can be read on a light and on a dark page.</summary>
internal sealed class SvgDocument(double width)
{
    // About equally far from white and from GitHub's dark background.
    public const string Ink = "#6e7781";
    public const string Faint = "#6e778155";

    private readonly StringBuilder _shapes = new();

    public void Bar(double x, double y, double length, double height, string colour) =>
        Append($"""<rect x="{x:0.#}" y="{y:0.#}" width="{Math.Max(length, 0.5):0.#}" height="{height:0.#}" rx="1.5" fill="{colour}"/>""");

    public void Line(double x1, double y1, double x2, double y2, string colour, double thickness = 1) =>
        Append($"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="{colour}" stroke-width="{thickness:0.#}"/>""");

    /// <param name="x">Of the anchor.</param>
    /// <param name="y">Of the baseline.</param>
    /// <param name="words">Escaped here.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="size">Pixels.</param>
    /// <param name="bold">Or not.</param>
    public void Text(double x, double y, string words, string anchor = "start", double size = 11, bool bold = false) =>
        Append($"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}" font-size="{size:0.#}"{(bold ? " font-weight=\"600\"" : "")} fill="{Ink}">{SecurityElement.Escape(words)}</text>""");

    public string ToText(double height) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0.#} {height:0.#}" width="{width:0.#}" height="{height:0.#}" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif">
        {_shapes}</svg>

        """);

    private void Append(FormattableString shape) => _shapes.Append(shape.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
