using System.Text.Json;

namespace Vault.Mount.Tests.Kit;

/// <summary>
/// A vault and a mount point in a directory of their own, and the launcher to work on them. Whatever happens in a
/// test, its servers are ended by their process ids and its mounts detached.
/// </summary>
internal sealed class TestVault : IDisposable
{
    public const string Passphrase = "correct horse battery staple";

    /// <summary>The least cost that the format allows: tests unlock often.</summary>
    public static readonly IReadOnlyList<string> CheapKeySlot = ["--kdf-memory", "64", "--kdf-iterations", "1"];

    public TestVault(string? parent = null)
    {
        Directory = Shell.Bash($"mktemp -d {Shell.Quote(parent ?? TemporaryParent)}/vaultfs-XXXXXX").Succeed().Output.Trim();
        _ = System.IO.Directory.CreateDirectory(MountPoint);
        File.WriteAllText(PassphraseFile, Passphrase + "\n");
    }

    /// <summary>The command that runs vaultfs; a test may put another user before it.</summary>
    public IReadOnlyList<string> Program { get; init; } = [Checkout.Launcher];

    /// <summary>Of the control sockets: not below <see cref="Directory"/>, as a socket's path has 107 bytes at most.</summary>
    public string RuntimeDirectory { get; } = Shell.Run(["mktemp", "-d", "/tmp/vaultfs-run-XXXXXX"]).Succeed().Output.Trim();

    /// <summary>Everything of this test is below.</summary>
    public string Directory { get; }

    public string Container => In("test.vault");

    public string MountPoint => In("mnt");

    public string PassphraseFile => In("passphrase");

    /// <summary>The user's directories are inside <see cref="Directory"/>, and no configuration leaks in.</summary>
    public Dictionary<string, string?> Environment => new()
    {
        ["XDG_RUNTIME_DIR"] = RuntimeDirectory,
        ["XDG_STATE_HOME"] = In("state"),
        ["XDG_CONFIG_HOME"] = In("config"),
        ["TMPDIR"] = In("tmp"),
        ["HOME"] = Directory,
    };

    /// <summary>Not /tmp, which is often small and in memory.</summary>
    private static string TemporaryParent => System.Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } path ? path : "/var/tmp";

    public string In(string name) => Path.Combine(Directory, name);

    /// <summary>A path inside the mount.</summary>
    public string Mounted(string name) => Path.Combine(MountPoint, name);

    /// <summary>Runs <c>./vaultfs</c>.</summary>
    public CommandResult Vaultfs(params string[] arguments) => Shell.Run([.. Program, .. arguments], "", Environment);

    /// <summary>Runs it with something on its standard input.</summary>
    public CommandResult VaultfsReading(string input, params string[] arguments) => Shell.Run([.. Program, .. arguments], input, Environment);

    /// <summary>Creates the vault and unlocks it.</summary>
    public TestVault Open(params string[] unlockOptions)
    {
        Create().Succeed();
        Unlock(unlockOptions).Succeed();
        return this;
    }

    public CommandResult Create(params string[] options) =>
        Vaultfs(["create", Container, "--passphrase-file", PassphraseFile, .. CheapKeySlot, .. options]);

    public CommandResult Unlock(params string[] options) =>
        Vaultfs(["unlock", Container, MountPoint, "--passphrase-file", PassphraseFile, .. options]);

    public CommandResult Lock(params string[] options) => Vaultfs(["lock", MountPoint, .. options]);

    public void LockAndUnlock(params string[] unlockOptions)
    {
        Lock().Succeed();
        Unlock(unlockOptions).Succeed();
    }

    /// <summary>Runs a bash script whose directory is the mount.</summary>
    public CommandResult InMount(string script, TimeSpan? timeout = null) =>
        Shell.Bash($"cd {Shell.Quote(MountPoint)}\n{script}", Environment, timeout);

    /// <summary>The servers of this test's user directories, from <c>list --json</c>.</summary>
    public IReadOnlyList<JsonElement> List() =>
        [.. JsonDocument.Parse(Vaultfs("list", "--json").Succeed().Output).RootElement.EnumerateArray()];

    /// <summary>The process that serves the mount.</summary>
    public int ServerPid() => List().Single(vault => vault.GetProperty("mountpoint").GetString() == MountPoint).GetProperty("pid").GetInt32();

    /// <summary>SHA-256 of the container.</summary>
    public string ContainerHash() => Shell.Run(["sha256sum", Container]).Succeed().Output.Split(' ')[0];

    public bool IsMounted() => File.ReadLines("/proc/self/mountinfo").Any(line => line.Contains($" {MountPoint} ", StringComparison.Ordinal));

    public void Dispose()
    {
        // By process id from the sockets, and only if it still is a server of this directory.
        _ = Shell.Bash($"""
            for socket in $(find {RuntimeDirectory} -name '*.sock'); do
              pid=$(basename "$socket" .sock)
              if tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF {Shell.Quote(Directory)}; then kill -KILL "$pid"; fi
            done
            while grep -qF ' {MountPoint} ' /proc/self/mountinfo; do
              umount --lazy {Shell.Quote(MountPoint)} || fusermount3 -uz {Shell.Quote(MountPoint)} || break
            done
            rm -rf --one-file-system {Shell.Quote(Directory)} {RuntimeDirectory}
            """).Succeed();
    }
}
