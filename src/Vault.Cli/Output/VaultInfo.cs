using System.Text.Json.Serialization;

namespace Vault.Cli;

/// <summary>What can be said of a vault without its key. Printed by <c>info --json</c>: names here are a contract.</summary>
internal sealed record VaultInfo
{
    public required string Vault { get; init; }

    public required string Id { get; init; }

    public required int FormatVersion { get; init; }

    public required string Cipher { get; init; }

    public required int ChunkSizeBytes { get; init; }

    public required ulong HeaderSequence { get; init; }

    public required HeaderCopyStates HeaderCopies { get; init; }

    public required IReadOnlyList<KeySlotView> KeySlots { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required ulong ContainerBytes { get; init; }

    /// <summary>Bytes that it takes on its host.</summary>
    public required ulong AllocatedBytes { get; init; }

    /// <summary>Where it is mounted by this user.</summary>
    public required IReadOnlyList<ServerStatus> Mounts { get; init; }
}

/// <summary>States of the two header copies: <c>ok</c> or what is wrong.</summary>
internal sealed record HeaderCopyStates(string A, string B);

/// <summary>A key slot.</summary>
internal sealed record KeySlotView(int Index, string Kind, uint MemoryKib, uint Iterations, uint Lanes);
