using System.Collections;

namespace Vault.Posix.Harness;

/// <summary>One rule: a name, and what shows it in an empty directory as root with umask 0.</summary>
internal sealed record Case(string Name, Action Run);

/// <summary>The rules of one operation. A case's full name is <c>group: rule</c>.</summary>
/// <param name="name">Of the operation.</param>
/// <param name="needsHoles">Whether the rules are those of a file system that tells holes from data.</param>
internal sealed class Group(string name, bool needsHoles = false) : IEnumerable<Case>
{
    private readonly List<Case> _cases = [];

    public string Name => name;

    public bool NeedsHoles => needsHoles;

    /// <summary>The file systems that can show these rules.</summary>
    public IReadOnlyList<FileSystemKind> Only { get; init; } = [FileSystemKind.Ext4, FileSystemKind.Tmpfs, FileSystemKind.Fuse];

    public void Add(string rule, Action run) => _cases.Add(new Case($"{name}: {rule}", run));

    public IEnumerator<Case> GetEnumerator() => _cases.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>What the suite runs on, by the magic number of statfs(2).</summary>
internal enum FileSystemKind : long
{
    Ext4 = 0xef53,
    Tmpfs = 0x01021994,
    Fuse = 0x65735546,
}
