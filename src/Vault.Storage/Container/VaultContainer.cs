using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>How to open a vault.</summary>
public sealed record VaultOpenOptions
{
    /// <summary>Changes are refused; nothing is written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Bytes of verified tree pages kept in memory.</summary>
    public long PageCacheBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of file data written but not yet sealed.</summary>
    public long DirtyDataBytes { get; init; } = 48L << 20;

    /// <summary>How often changes are committed.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of time stamps and of the commit timer.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Session salts come from here.</summary>
    public RandomSource Random { get; init; } = RandomSource.System;

    /// <summary>Receives warnings of damage; ids only, never names.</summary>
    public ILogger? Logger { get; init; }
}

/// <summary>What the two header copies say, before any key is known.</summary>
/// <param name="Header">The copy to use, or null if neither can be used.</param>
/// <param name="CopyA">Defect of copy A.</param>
/// <param name="CopyB">Defect of copy B.</param>
public sealed record HeaderReading(UnverifiedHeader? Header, HeaderDefect CopyA, HeaderDefect CopyB);

/// <summary>What opening found.</summary>
/// <param name="Generation">The generation that was opened.</param>
/// <param name="WasClean">Whether the last session ended with a lock.</param>
/// <param name="DamagedSlots">Superblock slots that did not authenticate.</param>
public sealed record OpeningReport(ulong Generation, bool WasClean, int DamagedSlots);

/// <summary>Creates and opens the container of a vault on a medium.</summary>
public static class VaultContainer
{
    /// <summary>Writes a new, empty vault: header copies, superblocks, an empty root directory owned by the given ids.</summary>
    public static void Create(IMedium medium, HeaderOptions options, Credential credential, uint userId, uint groupId, RandomSource random, TimeProvider time) =>
        throw new NotImplementedException();

    /// <summary>Reads both header copies and chooses the one to use.</summary>
    /// <exception cref="VaultException">NotAVault, HeaderDamaged, UnknownVersion, UnknownFeature, Truncated.</exception>
    public static HeaderReading ReadHeader(IMedium medium) => throw new NotImplementedException();

    /// <summary>Opens the vault. Takes the medium over: the file system closes it, also when this throws.</summary>
    /// <exception cref="VaultException">HeaderForged, Truncated, Corrupted, IoError.</exception>
    public static VaultFileSystem Open(IMedium medium, MasterKey master, VaultOpenOptions options, out OpeningReport report) =>
        throw new NotImplementedException();
}
