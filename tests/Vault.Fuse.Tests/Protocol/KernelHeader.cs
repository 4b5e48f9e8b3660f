using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vault.Fuse.Tests.Protocol;

/// <summary>
/// What the C compiler makes of the installed <c>linux/fuse.h</c>: the size of every structure, the offset of every field and
/// the value of every constant, read from a program that is compiled and run.
/// </summary>
internal sealed partial class KernelHeader
{
    private const string HeaderPath = "/usr/include/linux/fuse.h";

    private KernelHeader(Dictionary<string, long> values) => Values = values;

    /// <summary>"sizeof NAME", "offsetof NAME.FIELD" and "constant NAME", each with its number.</summary>
    public IReadOnlyDictionary<string, long> Values { get; }

    /// <summary>Compiles and runs the program. Fails, and does not skip, without gcc or the header.</summary>
    public static KernelHeader Read()
    {
        string header = File.ReadAllText(HeaderPath);
        string code = CommentPattern().Replace(header, "");
        // The header has a macro that counts in PAGE_SIZE, which is the kernel's own.
        var program = new StringBuilder($"#include <stddef.h>\n#include <stdio.h>\n#include <sys/ioctl.h>\n#define PAGE_SIZE 4096\n#include <{HeaderPath[13..]}>\nint main(void) {{\n");
        foreach (Match structure in StructurePattern().Matches(code))
        {
            string name = structure.Groups[1].Value;
            Print(program, $"sizeof {name}", $"sizeof(struct {name})");
            foreach (Match field in FieldPattern().Matches(structure.Groups[2].Value))
            {
                string fieldName = field.Groups[1].Value;
                Print(program, $"offsetof {name}.{fieldName}", $"offsetof(struct {name}, {fieldName})");
            }
        }

        foreach (Match constant in ConstantPattern().Matches(code))
        {
            string name = constant.Groups[1].Success ? constant.Groups[1].Value : constant.Groups[2].Value;
            Print(program, $"constant {name}", name);
        }

        _ = program.Append("return 0; }\n");
        return new KernelHeader(CProgram.CompileAndRun(program.ToString()));
    }

    private static void Print(StringBuilder program, string label, string expression) =>
        program.Append(CultureInfo.InvariantCulture, $"printf(\"{label} %lld\\n\", (long long)({expression}));\n");

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex CommentPattern();

    [GeneratedRegex(@"^struct (\w+) \{(.*?)^\};", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex StructurePattern();

    [GeneratedRegex(@"(\w+)(?:\[\w*\])?;")]
    private static partial Regex FieldPattern();

    // A #define with a value that is no macro of arguments, or a member of an enum.
    [GeneratedRegex(@"^#define[ \t]+((?:FUSE|FATTR|FOPEN)_\w+)[ \t]+\S|^\t(FUSE_\w+)\s*=", RegexOptions.Multiline)]
    private static partial Regex ConstantPattern();
}
