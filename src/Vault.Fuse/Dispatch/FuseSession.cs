using Microsoft.Extensions.Logging;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Dispatch;

/// <summary>What all requests of one connection share: the file system and what INIT negotiated.</summary>
internal sealed class FuseSession : IDisposable
{
    private readonly ManualResetEventSlim _initEnded = new();
    private volatile bool _hasWritebackCache;
    private volatile bool _hasSetxattrExt;
    private volatile bool _hasAcls;

    /// <summary>Makes the session of a connection that is not initialized yet.</summary>
    /// <param name="fileSystem">Serves the requests; owned by the caller.</param>
    /// <param name="wishes">What INIT is to ask for.</param>
    /// <param name="logger">Receives ids only, never names or contents.</param>
    public FuseSession(VaultFileSystem fileSystem, ConnectionWishes wishes, ILogger logger)
    {
        FileSystem = fileSystem;
        Wishes = wishes;
        Logger = logger;
        BlockCounts = new BlockCounts(this);
    }

    /// <summary>Serves the requests.</summary>
    public VaultFileSystem FileSystem { get; }

    /// <summary>What INIT asks for.</summary>
    public ConnectionWishes Wishes { get; }

    /// <summary>Receives ids only.</summary>
    public ILogger Logger { get; }

    /// <summary>Why INIT was refused, for a person; null if it was not.</summary>
    public string? InitFailure { get; private set; }

    /// <summary>Whether INIT succeeded.</summary>
    public bool IsInitialized => _initEnded.IsSet && InitFailure is null;

    /// <summary>Whether the kernel collects writes, and owns size and times of regular files.</summary>
    public bool HasWritebackCache => _hasWritebackCache;

    /// <summary>Whether SETXATTR has its longer header.</summary>
    public bool HasSetxattrExt => _hasSetxattrExt;

    /// <summary>Whether POSIX access control lists are in force, and the umask is left to us.</summary>
    public bool HasAcls => _hasAcls;

    /// <summary>Whether opening a file is asked for. Settled once: the kernel remembers ENOSYS for ever.</summary>
    public bool ServesOpen { get; private set; }

    /// <summary>Keeps the kernel's block counts true where it collects writes.</summary>
    public BlockCounts BlockCounts { get; }

    /// <summary>Set by the transport: tells the kernel that an inode's attributes are not what it has cached.</summary>
    public Action<InodeNumber>? AttributesChanged { get; set; }

    /// <summary>Tells the kernel, where there is one.</summary>
    public void NotifyAttributesChanged(InodeNumber inode) => AttributesChanged?.Invoke(inode);

    /// <summary>Records what INIT settled.</summary>
    public void CompleteInit(FuseInitFlags flags)
    {
        ServesOpen = FileSystem.HasProtectedInodes;
        FileSystem.LeavesTimes = _hasWritebackCache = (flags & FuseInitFlags.WritebackCache) != 0;
        _hasSetxattrExt = (flags & FuseInitFlags.SetxattrExt) != 0;
        _hasAcls = (flags & FuseInitFlags.PosixAcl) != 0;
        _initEnded.Set();
    }

    /// <summary>Records that INIT was refused.</summary>
    public void RefuseInit(string reason)
    {
        InitFailure = reason;
        _initEnded.Set();
    }

    /// <summary>Waits until INIT has succeeded or was refused.</summary>
    public bool WaitForInit(TimeSpan timeout) => _initEnded.Wait(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        BlockCounts.Dispose();
        _initEnded.Dispose();
    }
}
