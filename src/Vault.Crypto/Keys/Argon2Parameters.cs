namespace Vault.Crypto;

/// <summary>Cost of Argon2id (RFC 9106). Unchecked: from a header until <c>IsWithinBounds</c>.</summary>
public readonly record struct Argon2Parameters(uint MemoryKib, uint Iterations, uint Lanes)
{
    /// <summary>Whether the values lie between this project's floors and ceilings; checked before any memory is allocated.</summary>
    public bool IsWithinBounds => throw new NotImplementedException();

    /// <summary>Finds the cost that takes about <paramref name="target"/> on this machine, never under 256 MiB.</summary>
    public static Argon2Parameters Calibrate(TimeSpan target, TimeProvider time) => throw new NotImplementedException();
}
