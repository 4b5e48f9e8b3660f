namespace Vault.Cli;

/// <summary>What the unlocking process tells the server, with the master key, over the pipe.</summary>
/// <param name="Vault">Absolute path of the container.</param>
/// <param name="VaultId">Its id; names the log.</param>
/// <param name="MountPoint">Absolute path of the mount point.</param>
/// <param name="Settings">How to serve.</param>
/// <param name="AcceptOlderState">Go on from an older state where a newer one is lost. No setting: it is a decision of the moment.</param>
internal sealed record ServerStart(string Vault, string VaultId, string MountPoint, VaultfsSettings Settings, bool AcceptOlderState = false);

/// <summary>What the server answers once: the mount answers, or why not.</summary>
/// <param name="ExitCode"><see cref="ExitCode.Success"/> if the vault is mounted.</param>
/// <param name="Message">What happened, otherwise.</param>
/// <param name="Advice">What to do, if anything.</param>
/// <param name="Warnings">What the person should know although it worked.</param>
/// <param name="Notice">How the vault was found; null after a lock.</param>
internal sealed record ServerReport(ExitCode ExitCode, string? Message, string? Advice, IReadOnlyList<string> Warnings, OpeningNotice? Notice = null);
