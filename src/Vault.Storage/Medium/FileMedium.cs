using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Vault.Storage.Interop;

namespace Vault.Storage;

/// <summary>A container in a file, under an advisory lock: exclusive to write, shared to read.</summary>
public sealed class FileMedium : IMedium
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly ILogger? _logger;
    private bool _cannotPunch;

    private FileMedium(SafeFileHandle file, string path, bool readOnly, ILogger? logger)
    {
        _logger = logger;
        _file = file;
        _path = path;
        IsReadOnly = readOnly;
    }

    /// <inheritdoc/>
    public bool IsReadOnly { get; }

    /// <inheritdoc/>
    public long LengthBytes
    {
        get
        {
            try
            {
                return RandomAccess.GetLength(_file);
            }
            catch (IOException e)
            {
                throw IoError("tell the length of", 0, e);
            }
        }
    }

    /// <inheritdoc/>
    public long HostFreeBytes
    {
        get
        {
            try
            {
                return new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return 0; // Only statfs(2) asks: nothing is promised beyond what the container holds.
            }
        }
    }

    /// <summary>Opens a container file and locks it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Shared with other readers.</param>
    /// <param name="logger">Is told what the host's file system cannot do.</param>
    /// <exception cref="VaultException">NotFound, AccessDenied, InUse (the message names the holding process), IoError.</exception>
    public static FileMedium Open(string path, bool readOnly, ILogger? logger = null)
    {
        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
            throw new VaultException(VaultFailure.NotAVault, $"'{path}' is a directory, not a vault.");
        FileAccess access = readOnly ? FileAccess.Read : FileAccess.ReadWrite;
        return Lock(OpenFile(path, FileMode.Open, access), path, readOnly, logger);
    }

    /// <summary>Creates a container file, mode 0600, and locks it.</summary>
    /// <exception cref="VaultException">AlreadyExists, NotFound (its directory), AccessDenied, NoSpace, IoError.</exception>
    public static FileMedium Create(string path)
    {
        path = Path.GetFullPath(path);
        SafeFileHandle file = OpenFile(path, FileMode.CreateNew, FileAccess.ReadWrite);
        if (LibC.fchmod(file, Convert.ToUInt32("600", 8)) != 0)
            throw new VaultException(VaultFailure.AccessDenied, $"The mode of '{path}' cannot be set to 0600.");
        FileMedium medium = Lock(file, path, readOnly: false, logger: null);
        medium.FlushDirectory();
        return medium;
    }

    /// <inheritdoc/>
    public int Read(long offsetBytes, Span<byte> destination)
    {
        int total = 0;
        try
        {
            while (total < destination.Length)
            {
                int count = RandomAccess.Read(_file, destination[total..], offsetBytes + total);
                if (count == 0)
                    break;
                total += count;
            }
        }
        catch (Exception e) when (IsRefusal(e, offsetBytes))
        {
            throw IoError("read", offsetBytes, e);
        }

        return total;
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(_file, source, offsetBytes);
        }
        catch (Exception e) when (IsRefusal(e, offsetBytes))
        {
            throw IsNoSpace(e) ? NoSpace(e) : IoError("write", offsetBytes, e);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        int errno;
        do
        {
            if (LibC.fdatasync(_file) == 0)
                return;
            errno = Marshal.GetLastPInvokeError();
        }
        while (errno == LibC.EINTR);
        throw IsNoSpace(errno) ? NoSpace(null) : Failed("flush", errno);
    }

    /// <inheritdoc/>
    public void Allocate(long offsetBytes, long lengthBytes)
    {
        int errno = FileAllocate(0, offsetBytes, lengthBytes);
        if (errno == 0)
            return;
        if (errno != LibC.EOPNOTSUPP)
            throw IsNoSpace(errno) ? NoSpace(null) : Failed("allocate space for", errno);
        if (LengthBytes < offsetBytes + lengthBytes) // The host cannot reserve: growth is all there is.
            SetLength(offsetBytes + lengthBytes);
    }

    /// <inheritdoc/>
    public void Trim(long offsetBytes, long lengthBytes)
    {
        if (_cannotPunch)
            return;
        int errno = FileAllocate(LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes);
        if (errno == 0)
            return;
        if (errno is not (LibC.EOPNOTSUPP or LibC.ENOSYS))
            throw IsNoSpace(errno) ? NoSpace(null) : Failed("give back space of", errno);
        _cannotPunch = true;
        _logger?.LogInformation("The host's file system cannot punch holes: the vault gives back space only at its end.");
    }

    /// <inheritdoc/>
    public void SetLength(long lengthBytes)
    {
        try
        {
            RandomAccess.SetLength(_file, lengthBytes);
        }
        catch (Exception e) when (IsRefusal(e, lengthBytes))
        {
            throw IsNoSpace(e) ? NoSpace(e) : IoError("resize", lengthBytes, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static SafeFileHandle OpenFile(string path, FileMode mode, FileAccess access)
    {
        try
        {
            // .NET takes a shared lock of its own (flock) even so; ours below takes its place.
            return File.OpenHandle(path, mode, access, FileShare.ReadWrite, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            string missing = mode == FileMode.CreateNew ? $"The directory of '{path}' does not exist." : $"'{path}' does not exist.";
            throw new VaultException(VaultFailure.NotFound, missing, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new VaultException(VaultFailure.AccessDenied, $"Access to '{path}' is denied. Check its owner and mode.", e);
        }
        catch (IOException e) when (e.HResult == LibC.EWOULDBLOCK)
        {
            throw InUse(path, e);
        }
        catch (IOException e) when (mode == FileMode.CreateNew && Path.Exists(path))
        {
            throw new VaultException(VaultFailure.AlreadyExists, $"'{path}' exists already; it was not touched.", e);
        }
        catch (IOException e) when (IsNoSpace(e.HResult))
        {
            throw new VaultException(VaultFailure.NoSpace, $"No space left for '{path}'.", e);
        }
        catch (IOException e)
        {
            throw new VaultException(VaultFailure.IoError, $"'{path}' cannot be opened: {e.Message}", e);
        }
    }

    private static FileMedium Lock(SafeFileHandle file, string path, bool readOnly, ILogger? logger)
    {
        if (LibC.flock(file, (readOnly ? LibC.LOCK_SH : LibC.LOCK_EX) | LibC.LOCK_NB) == 0)
            return new FileMedium(file, path, readOnly, logger);
        int errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        if (errno != LibC.EWOULDBLOCK)
            throw new VaultException(VaultFailure.IoError, $"'{path}' cannot be locked (errno {errno.ToString(CultureInfo.InvariantCulture)}).");
        throw InUse(path, null);
    }

    private static VaultException InUse(string path, Exception? inner) =>
        new(VaultFailure.InUse, $"'{path}' is in use by {LockHolder.Describe(path)}. Lock it there first.", inner);

    // A file whose name is not durable is lost with all that was synced in it.
    private void FlushDirectory()
    {
        using SafeFileHandle directory = LibC.open(Path.GetDirectoryName(_path)!, LibC.O_RDONLY | LibC.O_CLOEXEC);
        if (directory.IsInvalid || LibC.fsync(directory) != 0)
            throw Failed("flush the directory of", Marshal.GetLastPInvokeError());
    }

    private int FileAllocate(int mode, long offsetBytes, long lengthBytes)
    {
        while (LibC.fallocate(_file, mode, offsetBytes, lengthBytes) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != LibC.EINTR)
                return errno;
        }

        return 0;
    }

    // .NET puts the raw errno into HResult for errors that it has no exception type for.
    private static bool IsNoSpace(int errno) => errno is LibC.ENOSPC or LibC.EDQUOT or LibC.EFBIG or unchecked((int)0x80070070);

    // .NET turns EFBIG (the largest file that the host can have) into this type.
    private static bool IsNoSpace(Exception e) => e is ArgumentOutOfRangeException || IsNoSpace(e.HResult);

    // The types that .NET has for errors of read(2), write(2) and ftruncate(2). A negative offset is a bug of ours.
    private static bool IsRefusal(Exception e, long offsetBytes) =>
        e is IOException or UnauthorizedAccessException or OperationCanceledException || (e is ArgumentOutOfRangeException && offsetBytes >= 0);

    private VaultException NoSpace(Exception? inner) =>
        new(VaultFailure.NoSpace, $"No space left on the file system that holds '{_path}'.", inner);

    private VaultException Failed(string action, int errno) =>
        new(VaultFailure.IoError, $"The host failed to {action} '{_path}' (errno {errno.ToString(CultureInfo.InvariantCulture)}).");

    private VaultException IoError(string action, long offsetBytes, Exception inner) =>
        new(VaultFailure.IoError, $"The host failed to {action} '{_path}' at byte {offsetBytes.ToString(CultureInfo.InvariantCulture)}: {inner.Message}", inner);
}
