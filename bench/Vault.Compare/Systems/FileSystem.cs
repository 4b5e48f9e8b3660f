namespace Vault.Compare.Systems;

/// <summary>What part a system has in the comparison.</summary>
internal enum Part
{
    Vaultfs,

    /// <summary>Another encrypted file system.</summary>
    Peer,

    /// <summary>libfuse's unencrypted example.</summary>
    Passthrough,

    /// <summary>A directory: no FUSE, no encryption.</summary>
    Plain,
}

/// <summary>A system that is compared.</summary>
internal abstract class FileSystem(string label, Part part)
{
    public string Label { get; } = label;

    public Part Part { get; } = part;

    /// <summary>For the result: how it is made and mounted.</summary>
    public abstract string Options { get; }

    /// <summary>For the result.</summary>
    public abstract string Version { get; }

    /// <summary>Why it cannot run here; null if it can.</summary>
    public abstract string? Missing { get; }

    /// <summary>Builds what has to be built. Once a run.</summary>
    public virtual void Prepare(Place place) { }

    /// <summary>Makes an empty container.</summary>
    public abstract void Create(Place place);

    /// <summary>Returns when the mount answers.</summary>
    public abstract Mounted Mount(Place place);
}
