namespace Vault.Storage.Tests.Simulation;

/// <summary>Makes a failing workload short: drops operations, then makes the rest simpler, as long as it fails.</summary>
internal sealed class Shrinker(Func<IReadOnlyList<Operation>, bool> fails, int maxAttempts)
{
    private int _attempts;

    public IReadOnlyList<Operation> Shrink(IReadOnlyList<Operation> operations)
    {
        List<Operation> shortest = [.. operations];
        int before;
        do
        {
            before = shortest.Count;
            for (int length = Math.Max(1, shortest.Count / 2); length > 0; length /= 2)
                DropRuns(shortest, length);
            for (int i = 0; i < shortest.Count; i++)
                Simplify(shortest, i);
        }
        while (shortest.Count < before && _attempts < maxAttempts);
        return shortest;
    }

    // From the end: what comes after the failure goes first.
    private void DropRuns(List<Operation> operations, int length)
    {
        for (int start = operations.Count - length; start >= 0; start = Math.Min(start - length, operations.Count - length))
        {
            List<Operation> fewer = [.. operations];
            fewer.RemoveRange(start, length);
            if (!Fails(fewer))
                continue;
            operations.Clear();
            operations.AddRange(fewer);
        }
    }

    private void Simplify(List<Operation> operations, int index)
    {
        bool isSimpler = true;
        while (isSimpler)
        {
            isSimpler = false;
            foreach (Operation simpler in SimplerThan(operations[index]))
            {
                List<Operation> changed = [.. operations];
                changed[index] = simpler;
                if (!Fails(changed))
                    continue;
                operations[index] = simpler;
                isSimpler = true;
                break;
            }
        }
    }

    private static IEnumerable<Operation> SimplerThan(Operation operation)
    {
        if (operation.Offset > 0)
            yield return operation with { Offset = 0 };
        if (operation.Offset % 4096 != 0)
            yield return operation with { Offset = operation.Offset / 4096 * 4096 };
        if (operation.Length > 1)
        {
            yield return operation with { Length = 1 };
            yield return operation with { Length = operation.Length / 2 };
            yield return operation with { Length = operation.Length - 1 };
        }

        if (operation.Argument > 0 && operation.Kind != OperationKind.Write)
            yield return operation with { Argument = 0 };
    }

    private bool Fails(IReadOnlyList<Operation> operations) => _attempts++ < maxAttempts && fails(operations);
}
