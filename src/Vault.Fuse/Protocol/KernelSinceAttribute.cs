namespace Vault.Fuse.Protocol;

/// <summary>
/// Says with which protocol version a structure or constant came. A header older than that cannot prove it: the test that
/// compares with the installed header then leaves it out, and another one has to prove it.
/// </summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
internal sealed class KernelSinceAttribute(uint minor) : Attribute
{
    /// <summary>The minor version.</summary>
    public uint Minor { get; } = minor;
}
