using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// Where control sockets are: <c>$XDG_RUNTIME_DIR/vaultfs</c>; without it <c>/run/vaultfs</c> for root and
/// <c>/tmp/vaultfs-UID</c> for others. Belongs to this user alone, which is checked at each use.
/// </summary>
internal static class RuntimeDirectory
{
    private const int PrivateMode = 0x1c0;
    private const int PermissionBits = 0x1ff;

    /// <summary>Every directory that a server of this user may have used: its environment can differ from ours.</summary>
    public static IEnumerable<string> Candidates()
    {
        uint user = Libc.geteuid();
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { } runtime && Path.IsPathRooted(runtime)
            && Libc.LinkStatus(runtime, out Statx status) == 0 && status.UserId == user)
        {
            // Another user's (after su, say) is not ours to write to.
            yield return Path.Combine(runtime, "vaultfs");
        }

        yield return user == 0 ? "/run/vaultfs" : $"/tmp/vaultfs-{user}";
    }

    /// <summary>Creates the directory for a new server's socket.</summary>
    /// <exception cref="CliException">It cannot be made, or is not this user's alone.</exception>
    public static string Create() => Create(Candidates().First());

    internal static string Create(string path)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.AccessDenied, $"The directory {path} for control sockets cannot be made: {exception.Message}", null, exception);
        }

        return IsPrivate(path)
            ? path
            : throw new CliException(ExitCode.AccessDenied, $"{path} must be a directory of this user alone (mode 0700): somebody else could control the server.", "Remove it and try again.");
    }

    /// <summary>Whether the path is a directory, no symlink, owned by this user and closed to all others.</summary>
    internal static bool IsPrivate(string path) =>
        Libc.LinkStatus(path, out Statx status) == 0
        && (status.Mode & Statx.S_IFMT) == Statx.S_IFDIR
        && status.UserId == Libc.geteuid()
        && (status.Mode & PermissionBits) == PrivateMode;
}
