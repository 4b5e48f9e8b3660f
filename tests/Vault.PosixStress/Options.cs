using System.Globalization;

namespace Vault.PosixStress;

/// <summary>What a run is, from the command line.</summary>
/// <param name="Directory">On the file system that is tested.</param>
/// <param name="Twin">On another one, which is right.</param>
/// <param name="Seed">Determines every operation.</param>
/// <param name="Seconds">No round begins after them.</param>
/// <param name="Rounds">At most so many.</param>
/// <param name="Processes">Workers at once.</param>
/// <param name="Operations">Of each worker in a round.</param>
/// <param name="Remount">A bash command that is run between rounds, with the number of the next one in ROUND; empty: none.</param>
/// <param name="Round">Of a worker.</param>
/// <param name="Process">Of a worker; -1: the coordinator.</param>
internal sealed record Options(
    string Directory, string Twin, int Seed, int Seconds, int Rounds, int Processes, int Operations, string Remount, int Round, int Process)
{
    public bool IsWorker => Process >= 0;

    /// <summary>Where all workers append.</summary>
    public string SharedLog => Path.Combine(Directory, "shared");

    public static Options Parse(string[] args)
    {
        Dictionary<string, string> given = new()
        {
            ["seed"] = "1", ["seconds"] = "30", ["rounds"] = int.MaxValue.ToString(CultureInfo.InvariantCulture), ["processes"] = "3",
            ["operations"] = "600", ["remount"] = "", ["round"] = "0", ["process"] = "-1",
        };
        for (int i = 0; i + 1 < args.Length; i += 2)
            given[args[i].TrimStart('-')] = args[i + 1];
        int Number(string name) => int.Parse(given[name], CultureInfo.InvariantCulture);
        return new Options(
            given["directory"], given["twin"], Number("seed"), Number("seconds"), Number("rounds"), Number("processes"), Number("operations"),
            given["remount"], Number("round"), Number("process"));
    }

    public IEnumerable<string> WorkerArguments(int round, int process) =>
    [
        "--directory", Directory, "--twin", Twin, "--seed", Text(Seed), "--operations", Text(Operations), "--round", Text(round), "--process", Text(process),
    ];

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
