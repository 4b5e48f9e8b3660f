using System.Text.Json.Serialization;

namespace Vault.Cli;

/// <summary>What a server says about itself. An element of <c>list --json</c>: names here are a contract.</summary>
internal sealed record ServerStatus
{
    /// <summary>Answers its mount.</summary>
    public const string Serving = "serving";

    /// <summary>The mount is there, its server is not.</summary>
    public const string Dead = "dead";

    /// <summary>Absolute path of the container.</summary>
    public required string Vault { get; init; }

    [JsonPropertyName("mountpoint")]
    public required string MountPoint { get; init; }

    /// <summary>The server, or null if it is dead.</summary>
    public int? Pid { get; init; }

    public required string State { get; init; }

    /// <summary>Whether it is mounted read-only; null if the server is dead.</summary>
    [JsonPropertyName("readonly")]
    public bool? ReadOnly { get; init; }

    /// <summary>When it was unlocked, UTC.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The vault's id in hexadecimal digits.</summary>
    public string? Id { get; init; }

    /// <summary>The generation that was opened.</summary>
    public ulong? Generation { get; init; }

    /// <summary>The server's log, if it has one.</summary>
    public string? Log { get; init; }
}
