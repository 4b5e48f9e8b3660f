namespace Vault.Fuse.Protocol;

/// <summary>
/// Names the prefix of the constants of <c>linux/fuse.h</c> that an enum mirrors. A test compares every member with the
/// installed header: prefix and member make the C name when underscores and case are ignored.
/// </summary>
[AttributeUsage(AttributeTargets.Enum)]
internal sealed class KernelConstantsAttribute(string prefix) : Attribute
{
    /// <summary>The common start of the names in C.</summary>
    public string Prefix { get; } = prefix;
}
