using Microsoft.Extensions.Logging;

namespace Vault.Cli;

/// <summary>How a vault is served. Property names are the configuration's keys; units and bounds are in <see cref="SettingKey"/>.</summary>
internal sealed record VaultfsSettings
{
    public bool ReadOnly { get; init; }

    public bool AllowOther { get; init; }

    public bool WritebackCache { get; init; } = true;

    /// <summary>Mount options (<see cref="MountOptionList"/>); what they say of <see cref="ReadOnly"/> and <see cref="AllowOther"/> is there already.</summary>
    public string MountOptions { get; init; } = "";

    public int CommitIntervalSeconds { get; init; } = 5;

    public int PageCacheMib { get; init; } = 48;

    public int DirtyDataMib { get; init; } = 32;

    /// <summary>Threads that serve requests; 0 chooses.</summary>
    public int Threads { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
