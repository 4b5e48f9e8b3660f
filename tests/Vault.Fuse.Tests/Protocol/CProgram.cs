using System.Diagnostics;
using System.Globalization;

namespace Vault.Fuse.Tests.Protocol;

/// <summary>Asks the C compiler.</summary>
internal static class CProgram
{
    /// <summary>Compiles and runs a program that prints lines of a label and a number. Fails, and does not skip, without gcc.</summary>
    public static Dictionary<string, long> CompileAndRun(string program)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("vaultfs-c-");
        try
        {
            string source = Path.Combine(directory.FullName, "program.c");
            string binary = Path.Combine(directory.FullName, "program");
            File.WriteAllText(source, program);
            _ = Run("gcc", "-w", "-o", binary, source);
            return Run(binary)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => (Key: line[..line.LastIndexOf(' ')], Value: line[(line.LastIndexOf(' ') + 1)..]))
                .ToDictionary(pair => pair.Key, pair => long.Parse(pair.Value, CultureInfo.InvariantCulture));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Run(string file, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{file} failed: {errors.GetAwaiter().GetResult()}");
        return output;
    }
}
