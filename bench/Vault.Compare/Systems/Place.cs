using Vault.Compare.Interop;

namespace Vault.Compare.Systems;

/// <summary>The directory in which everything of a run lies: one container and one mount at a time. Removed at the end.</summary>
internal sealed class Place : IDisposable
{
    /// <param name="parent">Where it is made.</param>
    /// <param name="cancellation">Ends what is waited for.</param>
    public Place(string parent, CancellationToken cancellation)
    {
        Cancellation = cancellation;
        Root = Posix.MakeTemporaryDirectory(Path.Combine(Path.GetFullPath(parent), "vaultfs-compare-"));
        foreach (string directory in new[] { "run", "home", "programs" })
            _ = Directory.CreateDirectory(In(directory), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _ = Directory.CreateDirectory(MountPoint);
        File.WriteAllText(Secret, "passphrase\n");
        _ = Tool.Run(null, "cp", "-a", AppContext.BaseDirectory, In("programs/client"));
    }

    public string Root { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>What a system keeps its data in: a file or a directory.</summary>
    public string Container => In("container");

    public string MountPoint => In("mount");

    /// <summary>The file with the password.</summary>
    public string Secret => In("secret");

    /// <summary>Builds of vaultfs and of this program, copied so that they stay what they are.</summary>
    public string Programs => In("programs");

    /// <summary>This program, for clients.</summary>
    public string ClientProgram => In("programs/client/" + Path.GetFileName(System.Environment.ProcessPath));

    /// <summary>What all programs of a run get, so that nothing outside is read or changed.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["HOME"] = In("home"), ["XDG_RUNTIME_DIR"] = In("run"), ["XDG_STATE_HOME"] = In("home"), ["XDG_CONFIG_HOME"] = In("home"), ["XDG_DATA_HOME"] = In("home"),
        ["CRYFS_FRONTEND"] = "noninteractive", ["CRYFS_NO_UPDATE_CHECK"] = "true", ["CRYFS_LOCAL_STATE_DIR"] = CryfsState,
        ["DOTNET_EnableDiagnostics"] = "0",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_SYSTEM"] = "/dev/null",
        ["GIT_AUTHOR_NAME"] = "T", ["GIT_AUTHOR_EMAIL"] = "t@example.org", ["GIT_COMMITTER_NAME"] = "T", ["GIT_COMMITTER_EMAIL"] = "t@example.org",
        ["LC_ALL"] = "C",
    };

    /// <summary>What CryFS remembers of containers.</summary>
    public string CryfsState => In("home/cryfs");

    public string In(string name) => Path.Combine(Root, name);

    public void RemoveContainer()
    {
        if (Directory.Exists(Container))
            Directory.Delete(Container, recursive: true);
        File.Delete(Container);
    }

    /// <summary>Nothing may be mounted any more: a mount that is left over must not be emptied.</summary>
    public void Dispose()
    {
        if (Mounts.IsMounted(MountPoint))
            throw new InvalidOperationException($"{MountPoint} is still mounted: unmount it and remove {Root}.");
        Directory.Delete(Root, recursive: true);
    }
}
