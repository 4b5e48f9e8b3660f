namespace Vault.Fuse.Protocol;

/// <summary>
/// Names the structure of <c>linux/fuse.h</c> that a type mirrors. A test compares size and field offsets with the
/// installed header: field names match when underscores and case are ignored.
/// </summary>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class KernelStructAttribute(string name, int size) : Attribute
{
    /// <summary>The structure's name in C.</summary>
    public string Name { get; } = name;

    /// <summary>Its size in bytes, in the newest form that this server speaks.</summary>
    public int Size { get; } = size;
}
