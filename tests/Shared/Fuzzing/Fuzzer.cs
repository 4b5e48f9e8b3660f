using System.Diagnostics;
using System.Security.Cryptography;

namespace Vault.Testing.Fuzzing;

/// <summary>
/// Feeds one parser with changed valid inputs (docs/testing.md, "Tampering and fuzzing"). First come all inputs of
/// tests/corpus/TARGET, then changed ones for some time (<see cref="FuzzVariables"/>). An input that fails is kept in
/// artifacts/fuzz, and the message names the command that repeats it.
/// </summary>
/// <param name="target">The corpus' folder.</param>
/// <param name="parse">
/// Takes an input and returns what became of it, in a word or number of few values: inputs with an outcome that is new are changed
/// further. It throws for nothing that the parser's contract allows.
/// </param>
/// <param name="report">Receives a line with seed and counts.</param>
internal sealed class Fuzzer(string target, Func<byte[], object> parse, Action<string> report)
{
    private readonly List<byte[]> _pool = [];
    private readonly HashSet<object> _outcomes = [];
    private readonly Dictionary<string, string> _failures = [];
    private byte[] _current = [];

    /// <summary>Inputs keep their length: what is read has a fixed one.</summary>
    public bool KeepsLength { get; init; }

    /// <summary>Managed bytes that one input may cost; what a parser asks for by a number in its input is far more.</summary>
    public long MostAllocatedBytes { get; init; } = 4 << 20;

    /// <summary>Valid inputs as the code of today makes them; those of earlier days are in the corpus.</summary>
    public IReadOnlyList<byte[]> Seeds { get; init; } = [];

    /// <summary>Tries the corpus, then changed inputs until the time is up.</summary>
    public void Run()
    {
        // An exception on a thread of the program ends the process.
        AppDomain.CurrentDomain.UnhandledException += (_, _) => Console.Error.WriteLine(Keep());
        if (FuzzVariables.Input is { } file)
        {
            Watch([File.ReadAllBytes(file)]);
            report($"{target}: {file} gives {_outcomes.First()}");
            return;
        }

        if (FuzzVariables.WritesSeeds)
            WriteSeeds();
        byte[][] corpus = [.. Corpus().Select(File.ReadAllBytes), .. Seeds];
        Assert.NotEmpty(corpus);
        Watch(corpus);
        int seed = FuzzVariables.Seed ?? Random.Shared.Next();
        long tried = Mutate(seed, FuzzVariables.Duration);
        report($"{target}: seed {seed}, {corpus.Length} inputs of the corpus, {tried} changed ones, {_outcomes.Count} outcomes");
    }

    private string CorpusDirectory => Path.Combine(Repository.Root, "tests", "corpus", target);

    private IEnumerable<string> Corpus() => Directory.Exists(CorpusDirectory) ? Directory.GetFiles(CorpusDirectory).Order(StringComparer.Ordinal) : [];

    private void WriteSeeds()
    {
        Directory.CreateDirectory(CorpusDirectory);
        for (int i = 0; i < Seeds.Count; i++)
            File.WriteAllBytes(Path.Combine(CorpusDirectory, $"valid-{i}"), Seeds[i]);
    }

    private void Watch(byte[][] inputs) => Watched(0, n =>
    {
        if (n >= inputs.Length)
            return false;
        Try(inputs[(int)n]);
        return true;
    });

    private long Mutate(int seed, TimeSpan duration)
    {
        Random random = new(seed);
        Mutator mutator = new(random);
        Stopwatch time = Stopwatch.StartNew();
        long tried = 0;
        Watched(seed, _ =>
        {
            if (time.Elapsed > duration)
                return false;
            Try(mutator.Mutate(_pool[random.Next(_pool.Count)], _pool[random.Next(_pool.Count)], KeepsLength));
            tried++;
            return true;
        });
        return tried;
    }

    private void Watched(int seed, Func<long, bool> attempt)
    {
        try
        {
            Watchdog.RunWhile(jobs: 1, attempt, n => $"{target}, seed {seed}, input {n}");
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{Keep()}", e);
        }

        if (_failures.Count > 0)
            throw new InvalidOperationException(string.Join("\n\n", _failures.Values));
    }

    // A failure does not end the run: another input may find another one. Each place fails once.
    private void Try(byte[] input)
    {
        _current = input;
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            object outcome = parse(input);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocatedBytes);
            if (_outcomes.Add(outcome))
                _pool.Add(input);
        }
#pragma warning disable CA1031 // Whatever the contract does not allow is a failure.
        catch (Exception e)
#pragma warning restore CA1031
        {
            string[] frames = [.. (e.StackTrace ?? "").Split('\n').Where(f => f.Contains("at Vault.", StringComparison.Ordinal))];
            string place = $"{e.GetType().Name} {frames.FirstOrDefault()}";
            if (_failures.ContainsKey(place))
                return;
            _failures.Add(place, $"{e.GetType().Name}: {e.Message}\n{string.Join('\n', frames.Take(6))}\n{Keep()}");
            report(_failures[place]);
        }
    }

    private string Keep()
    {
        byte[] input = _current;
        string directory = Path.Combine(Repository.Root, "artifacts", "fuzz");
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, $"{target}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(path, input);
        return $"Repeat it: tests/fuzz.sh --target {target} --input {Path.GetRelativePath(Repository.Root, path)}";
    }
}
