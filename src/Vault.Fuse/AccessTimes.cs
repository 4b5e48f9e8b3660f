namespace Vault.Fuse;

/// <summary>When reading a file sets its time of last access: <c>relatime</c>, <c>noatime</c>, <c>strictatime</c> of mount(8).</summary>
public enum AccessTimes
{
    /// <summary>If it is not later than the last change, or a day old.</summary>
    Relative,

    /// <summary>Never.</summary>
    Never,

    /// <summary>Always.</summary>
    Strict,
}
