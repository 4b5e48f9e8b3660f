namespace Vault.PosixStress;

/// <summary>One process: operations in a directory of its own, one after the other, and appends to a file that all share.</summary>
internal sealed class Worker
{
    private readonly Options _options;
    private readonly Random _random;
    private readonly Twins _twins;
    private readonly Contents _contents = new();
    private readonly NameOperations _names;
    private readonly DataOperations _data;
    private readonly TreeComparison _trees;
    private int _appended;

    public Worker(Options options)
    {
        _options = options;
        _random = new Random(HashCode(options.Seed, options.Round, options.Process));
        string name = $"p{options.Process}";
        _twins = new Twins(Path.Combine(options.Directory, name), Path.Combine(options.Twin, name));
        _names = new NameOperations(_twins, _contents, _random);
        _data = new DataOperations(_twins, _contents, _random);
        _trees = new TreeComparison(_twins, _contents);
    }

    public void Run()
    {
        if (_options.Round == 0)
            _twins.Both("mkdir", root => mkdir(root, 0755)).Ok();
        _trees.Compare(); // what the rounds before left, after a remount
        for (int i = 0; i < _options.Operations; i++)
            Step(i);
        while (_appended < SharedLog.RecordsOfWorker)
            Append();
        _names.CloseAll();
        _trees.Compare();
    }

    private void Step(int number)
    {
        if (_random.Next(_options.Operations) < SharedLog.RecordsOfWorker && _appended < SharedLog.RecordsOfWorker)
            Append();
        if (number % 150 == 149)
            _trees.Compare();
        if (_random.Next(100) < 40)
        {
            _names.Step();
            return;
        }

        if (_names.Open() is { } file)
        {
            OpenPair? other = _names.Open();
            _data.Step(file, other);
            _names.Release(file);
            if (other is not null)
                _names.Release(other);
        }
    }

    private void Append()
    {
        int log = open(_options.SharedLog, O_WRONLY | O_CREAT | O_APPEND, 0644).Ok();
        byte[] record = SharedLog.Record(_options.Round, _options.Process, _appended++);
        write(log, record, (nuint)record.Length).Is(record.Length);
        close(log).Ok();
    }

    // The same in every process, as System.HashCode is not.
    private static int HashCode(int seed, int round, int process) => unchecked((((seed * 1_000_003) + round) * 1_009) + process) & int.MaxValue;
}
