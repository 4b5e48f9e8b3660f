namespace Vault.Storage.Tests.Simulation;

/// <summary>Makes workloads from seeds. Paths mostly name what would be there if nothing were ever lost, so that most operations find something to do.</summary>
internal sealed class WorkloadGenerator(int seed)
{
    private const int NameCount = 8;

    private static readonly AllocationMode[] s_allocationModes =
    [
        AllocationMode.Extend, AllocationMode.KeepSize, AllocationMode.ZeroRange, AllocationMode.ZeroRange | AllocationMode.KeepSize,
        AllocationMode.PunchHole | AllocationMode.KeepSize, AllocationMode.PunchHole | AllocationMode.KeepSize,
    ];

    public const int SlotCount = 3;

    /// <summary>Whether ranges are copied from file to file: more than one operation, of which a crash may leave the first ones.</summary>
    public bool CopiesRanges { get; init; } = true;

    private readonly Random _random = new(seed);
    private readonly List<Operation> _operations = [];

    /// <summary>What is there if every operation so far was done.</summary>
    public ModelFileSystem Shadow { get; } = new();

    /// <summary>What the last operation must answer then.</summary>
    public Errno LastOutcome { get; private set; }

    public required int MaxFileBytes { get; init; }

    /// <summary>A workload of a few dozen operations, without failures, that syncs often: to be crashed everywhere.</summary>
    public static SimulationCase Small(int seed)
    {
        WorkloadGenerator generator = new(seed) { MaxFileBytes = 40_000 };
        for (int i = 0; i < 60; i++)
        {
            generator.AddFileOperation();
            if (i % 5 == 4)
                generator.Add(new(i % 20 == 9 ? OperationKind.Lock : OperationKind.Sync));
        }

        return new SimulationCase(seed, 8192, 1 << 20, 1 << 20, generator._operations);
    }

    /// <summary>A workload of a few dozen operations, most of which are synced; now and then the vault is locked or gives space back, which takes commits.</summary>
    public static SimulationCase Syncing(int seed)
    {
        WorkloadGenerator generator = new(seed) { MaxFileBytes = 20_000, CopiesRanges = false };
        for (int i = 0; i < 60; i++)
        {
            generator.AddFileOperation();
            generator.Add(new((i % 30) switch { 14 => OperationKind.GiveBack, 29 => OperationKind.Lock, _ => OperationKind.Sync }));
        }

        return new SimulationCase(seed, 8192, 1 << 20, 1 << 20, generator._operations);
    }

    /// <summary>A workload of a few dozen operations that writes some MiB and syncs seldom: to be run on a full host.</summary>
    public static SimulationCase Filling(int seed)
    {
        WorkloadGenerator generator = new(seed) { MaxFileBytes = 500_000 };
        for (int i = 0; i < 60; i++)
        {
            generator.AddFileOperation();
            if (i % 12 == 11)
                generator.Add(new(OperationKind.Sync));
        }

        return new SimulationCase(seed, 8192, 1 << 20, 1 << 20, generator._operations);
    }

    /// <summary>A long workload with everything that can befall a vault.</summary>
    public static SimulationCase Long(int seed)
    {
        Random random = new(seed);
        int[] chunkSizes = [4096, 8192, 32 * 1024, 128 * 1024];
        WorkloadGenerator generator = new(random.Next()) { MaxFileBytes = random.Next(3) == 0 ? 300_000 : 50_000 };
        int count = random.Next(100, 500);
        int trouble = random.Next(3, 25); // of 100 steps
        int syncs = random.Next(3, 40); // few: they commit, or much is in the log; many: small appends
        while (generator._operations.Count < count)
        {
            int choice = random.Next(100);
            if (choice < trouble)
                generator.AddTrouble();
            else if (choice < trouble + syncs)
                generator.Add(new(OperationKind.Sync));
            else if (choice < trouble + syncs + 1)
                generator.Add(new(OperationKind.Check));
            else if (choice < trouble + syncs + 2)
                generator.Add(new(OperationKind.GiveBack));
            else
                generator.AddFileOperation();
        }

        return new SimulationCase(
            seed, chunkSizes[random.Next(chunkSizes.Length)], (1 << 18) << random.Next(6), (1 << 16) << random.Next(6), generator._operations);
    }

    /// <summary>A workload without failures, with large files.</summary>
    public static SimulationCase Calm(int seed, int chunkSize, int maxFileBytes, int count)
    {
        WorkloadGenerator generator = new(seed) { MaxFileBytes = maxFileBytes };
        for (int i = 0; i < count; i++)
        {
            generator.AddFileOperation();
            if (i % 150 == 149)
                generator.Add(new((i / 150 % 3) switch { 0 => OperationKind.Sync, 1 => OperationKind.Check, _ => OperationKind.Lock }));
        }

        return new SimulationCase(seed, chunkSize, 1 << 20, 1 << 20, generator._operations);
    }

    /// <summary>The next operation on files, which <see cref="Shadow"/> has seen already.</summary>
    public Operation Next()
    {
        AddFileOperation();
        return _operations[^1];
    }

    private void Add(in Operation operation)
    {
        _operations.Add(operation);
        if (operation.Kind <= OperationKind.Sync)
            LastOutcome = Shadow.Apply(operation, 0);
        if (operation.Kind == OperationKind.Empty)
            Shadow.Root.Children!.Clear();
    }

    private void AddFileOperation()
    {
        uint number = (uint)_operations.Count;
        int choice = _random.Next(100);
        Add(choice switch
        {
            < 14 => new(OperationKind.CreateFile, NewPath()),
            < 18 => new(OperationKind.CreateDirectory, NewPath()),
            < 20 => new(OperationKind.CreateSymlink, NewPath(), Canary.Text + new string('s', _random.Next(4) == 0 ? 3000 : 10)),
            < 24 => new(OperationKind.Link, _random.Next(8) == 0 ? File() : Existing(), NewPath()),
            < 45 => new(OperationKind.Write, File(), Offset: Position(), Length: Length(), Argument: number),
            < 52 => new(OperationKind.Truncate, File(), Length: _random.Next(5) == 0 ? 0 : Length()),
            < 57 => new(OperationKind.Allocate, File(), Offset: Position(), Length: Length(), Argument: (uint)s_allocationModes[_random.Next(s_allocationModes.Length)]),
            < 64 when CopiesRanges => Copy(),
            < 68 => new(OperationKind.Read, File(), Offset: Position(), Length: Length()),
            < 72 => new(OperationKind.Unlink, Existing()),
            < 74 => new(OperationKind.RemoveDirectory, Existing()),
            < 84 => new(OperationKind.Rename, Existing(), _random.Next(2) == 0 ? NewPath() : Existing(), Argument: (uint)_random.Next(3)),
            < 88 => new(OperationKind.SetXattr, Existing(), Xattr(), Length: _random.Next(4) == 0 ? _random.Next(20_000) : _random.Next(100), Argument: (uint)_random.Next(3)),
            < 89 => new(OperationKind.RemoveXattr, Existing(), Xattr()),
            < 91 => new(OperationKind.SetMode, Existing(), Argument: (uint)_random.Next(0x200)),
            < 92 => new(OperationKind.SetModifyTime, Existing(), Argument: number * 1000),
            < 93 => SetFlags(),
            < 95 => SetAcl(),
            < 96 => new(OperationKind.CreateUnnamed, Pick(n => n.IsDirectory), Argument: (uint)_random.Next(SlotCount)),
            < 98 => new(OperationKind.Open, Existing(), Argument: (uint)_random.Next(SlotCount)),
            _ => new(OperationKind.Close, Argument: (uint)_random.Next(SlotCount)),
        });
    }

    // More often taken away than set: what is protected stands in the way of all else.
    private Operation SetFlags()
    {
        AttributeFlags flags = _random.Next(3) == 0 ? (AttributeFlags)_random.Next(16 << 4) & AttributeFlags.Known : AttributeFlags.None;
        return new(OperationKind.SetFlags, Pick(n => flags != AttributeFlags.None || n.Flags != AttributeFlags.None), Argument: (uint)flags);
    }

    private Operation SetAcl()
    {
        bool isDefault = _random.Next(2) == 0;
        string path = isDefault ? Pick(n => n.IsDirectory) : Existing();
        return new(OperationKind.SetAcl, path, isDefault ? ModelAcl.Default : ModelAcl.Access, Argument: (uint)_random.Next(ModelAcl.Count));
    }

    // Mostly to where chunks can be shared.
    private Operation Copy()
    {
        int from = _random.Next(3) == 0 ? 0 : Position();
        int to = _random.Next(3) == 0 ? Position() : from;
        return new(OperationKind.CopyRange, File(), File(), from, _random.Next(2) == 0 ? MaxFileBytes : Length(), (uint)to);
    }

    private void AddTrouble()
    {
        uint survival = (uint)_random.Next((int)Survival.AllButSuperblocks + 1);
        int soon = _random.Next(3) == 0 ? _random.Next(1, 200) : _random.Next(1, 30);
        switch (_random.Next(13))
        {
            case 0 or 1:
                Add(new(OperationKind.LosePower, Argument: survival));
                break;
            case 2 or 3 or 4:
                Add(new(OperationKind.LosePower, Length: soon, Argument: survival));
                break;
            case 5:
                Add(new(OperationKind.Kill, Length: _random.Next(3) == 0 ? 0 : soon));
                break;
            case 6:
                Add(new(OperationKind.Lock));
                break;
            case 7:
                Add(new(OperationKind.FailOperation, Length: soon));
                break;
            case 8:
                Add(new(OperationKind.FailRead, Length: _random.Next(10)));
                break;
            case 9:
                Add(new(OperationKind.RefuseOperation, Length: soon));
                break;
            case 10:
                Add(new(OperationKind.FillHost, Length: _random.Next(2) == 0 ? 0 : _random.Next(300)));
                break;
            case 11:
                Add(new(OperationKind.Empty));
                break;
            default:
                Add(new(OperationKind.FreeHost));
                break;
        }
    }

    private string Name() => Canary.Text + (char)('a' + _random.Next(NameCount));

    private string Xattr() => $"user.{Canary.Text}{(char)('a' + _random.Next(3))}";

    private string NewPath()
    {
        List<string> directories = [.. Shadow.Entries().Where(e => e.Node.IsDirectory).Select(e => e.Path)];
        int index = _random.Next(directories.Count + 1);
        return index == directories.Count ? Name() : $"{directories[index]}/{Name()}";
    }

    private string Existing() => Pick(_ => true);

    private string File() => _random.Next(8) == 0 ? $"@{_random.Next(SlotCount)}" : Pick(n => n.IsRegularFile);

    private string Pick(Func<ModelNode, bool> isWanted)
    {
        List<string> paths = _random.Next(20) == 0 ? [] : [.. Shadow.Entries().Where(e => isWanted(e.Node)).Select(e => e.Path)];
        return paths.Count == 0 ? NewPath() : paths[_random.Next(paths.Count)];
    }

    private int Length()
    {
        int length = _random.Next(3) switch
        {
            0 => _random.Next(200),
            1 => _random.Next(MaxFileBytes / 8),
            _ => _random.Next(MaxFileBytes / 2),
        };
        return _random.Next(3) == 0 ? (length + 4095) / 4096 * 4096 : length;
    }

    private int Position()
    {
        int position = _random.Next(4) == 0 ? 0 : _random.Next(MaxFileBytes / 2);
        return _random.Next(2) == 0 ? position / 4096 * 4096 : position;
    }
}
