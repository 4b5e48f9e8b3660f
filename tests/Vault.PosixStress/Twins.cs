namespace Vault.PosixStress;

/// <summary>Does the same in the tested directory and in its twin, and compares what comes of it.</summary>
internal sealed class Twins(string tested, string twin)
{
    private readonly Queue<string> _last = new();

    public string Tested => tested;

    public string Twin => twin;

    /// <summary>The last operations, the newest at the end.</summary>
    public string History => string.Join("\n  ", _last);

    public void Note(string what)
    {
        _last.Enqueue(what);
        if (_last.Count > 40)
            _last.Dequeue();
    }

    /// <summary>Both outcomes, which must be equal.</summary>
    public Outcome Both(string what, Func<string, Outcome> call)
    {
        Note(what);
        Outcome right = call(twin);
        Outcome outcome = call(tested);
        return outcome == right ? outcome : throw Failure($"{what} gave {outcome}, in the plain directory {right}");
    }

    /// <summary>Both outcomes on a file that is open in both.</summary>
    public Outcome Both(string what, OpenPair file, Func<int, Outcome> call)
    {
        Note($"{what} of {file.Name}");
        Outcome right = call(file.Twin);
        Outcome outcome = call(file.Tested);
        return outcome == right ? outcome : throw Failure($"{what} of {file.Name} gave {outcome}, in the plain directory {right}");
    }

    public CaseFailedException Failure(string what) => new($"{what}\nThe last operations:\n  {History}");
}

/// <summary>A file that is open in both directories.</summary>
/// <param name="Name">With which it was opened.</param>
/// <param name="Tested">Descriptor.</param>
/// <param name="Twin">Descriptor.</param>
/// <param name="Inode">In the twin.</param>
internal sealed record OpenPair(string Name, int Tested, int Twin, long Inode)
{
    public void Close()
    {
        close(Tested).Ok();
        close(Twin).Ok();
    }
}
