namespace Vault.Storage;

/// <summary>Flags of <c>fallocate(2)</c>, with Linux's values (linux/falloc.h).</summary>
[Flags]
public enum AllocationMode : uint
{
    /// <summary>Extend the file if the range ends behind its end, and see that there is space for the range.</summary>
    Extend = 0,

    /// <summary><c>FALLOC_FL_KEEP_SIZE</c>: do not extend the file.</summary>
    KeepSize = 0x01,

    /// <summary><c>FALLOC_FL_PUNCH_HOLE</c>: the range reads as zeros, and its space is free. Only with <see cref="KeepSize"/>.</summary>
    PunchHole = 0x02,

    /// <summary><c>FALLOC_FL_ZERO_RANGE</c>: the range reads as zeros.</summary>
    ZeroRange = 0x10,
}
