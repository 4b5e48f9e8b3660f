using System.Diagnostics;

namespace Vault.Compare.Systems;

/// <summary>Programs that are run and waited for.</summary>
internal static class Tool
{
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="IOException">It failed, or took too long and was killed.</exception>
    public static string Run(Place? place, string program, params IEnumerable<string> arguments)
    {
        using Process process = Start(place, program, arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill();
            throw new IOException($"{Path.GetFileName(program)} did not end within 5 minutes.");
        }

        return process.ExitCode == 0 ? output.Result : throw new IOException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {(error.Result + " " + output.Result).Trim()}");
    }

    public static Process Start(Place? place, string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        if (place is not null)
            foreach ((string name, string value) in place.Environment)
                start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>The version of a Debian package, or what the program says of itself.</summary>
    public static string PackageVersion(string package)
    {
        try
        {
            return Run(null, "dpkg-query", "-W", "-f", "${Version}", package).Trim();
        }
        catch (Exception failure) when (failure is IOException or System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
