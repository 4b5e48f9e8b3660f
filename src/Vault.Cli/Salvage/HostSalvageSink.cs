using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>
/// Writes salvaged files into a directory of the host, which was empty. What the host refuses is reported and left out; a full
/// or failing disk ends the salvage. For one thread.
/// </summary>
internal sealed class HostSalvageSink : ISalvageSink, IDisposable
{
    /// <summary>Zeros of at least this length, so aligned, become holes.</summary>
    private const int HoleBytes = 4096;

    /// <summary>Set-user-id, set-group-id.</summary>
    private const uint IdBits = 0xc00;
    private const uint PermissionBits = 0xfff;
    private const uint TypeMask = Statx.S_IFMT;
    private const uint Symlink = 0xa000;

    private readonly string _directory;
    private readonly Action<byte[], string> _onProblem;
    private readonly SafeFileHandle _root;
    private readonly TreeCursor _cursor;
    private readonly bool _canSetOwner = Libc.geteuid() == 0;
    private readonly uint _userId = Libc.geteuid();
    private readonly uint _groupId = Libc.getegid();
    private SafeFileHandle? _file;
    private byte[] _filePath = [];

    private HostSalvageSink(string directory, SafeFileHandle root, Action<byte[], string> onProblem)
    {
        _directory = directory;
        _onProblem = onProblem;
        _root = root;
        _cursor = new TreeCursor(root);
    }

    /// <summary>What could not be made, or not as it was.</summary>
    public long ProblemCount { get; private set; }

    /// <summary>Files and directories whose owner could not be set: only root may.</summary>
    public long OtherOwnerCount { get; private set; }

    /// <summary>Fails early, before anything is asked.</summary>
    /// <exception cref="CliException">There is something else than an empty directory.</exception>
    public static void CheckTarget(string directory)
    {
        try
        {
            if (Path.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            {
                throw new CliException(ExitCode.AlreadyExists, $"{directory} is not empty.", "Salvage into a directory that is empty or does not exist.");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(directory, exception);
        }
    }

    /// <param name="directory">Made, mode 0700, if it does not exist.</param>
    /// <param name="onProblem">Gets the raw path and what became of it.</param>
    /// <exception cref="CliException">It is no directory, is not empty, or cannot be used.</exception>
    public static HostSalvageSink Open(string directory, Action<byte[], string> onProblem)
    {
        try
        {
            _ = Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(directory, exception);
        }

        CheckTarget(directory);
        int error = LibcTree.OpenRoot(directory, out SafeFileHandle root);
        return error == 0
            ? new HostSalvageSink(directory, root, onProblem)
            : throw new CliException(ExitCode.AccessDenied, $"{directory} cannot be used: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <inheritdoc/>
    public void CreateDirectory(ReadOnlySpan<byte> path)
    {
        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        error = error == 0 ? LibcTree.CreateDirectory(parent, name) : error;
        if (error == LibcTree.EEXIST)
        {
            error = LibcTree.OpenDirectory(parent, name, out SafeFileHandle existing);
            existing.Dispose();
        }

        Check(error, path, "The directory cannot be made");
    }

    /// <inheritdoc/>
    public bool BeginFile(ReadOnlySpan<byte> path, long sizeBytes)
    {
        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        SafeFileHandle? file = null;
        error = error == 0 ? LibcTree.CreateFile(parent, name, out file) : error;
        if (error == 0)
        {
            error = LibcTree.SetLength(file!, sizeBytes);
            _ = error == 0 ? 0 : LibcTree.Remove(parent, name);
        }

        if (!Check(error, path, "The file cannot be made"))
        {
            file?.Dispose();
            return false;
        }

        _file = file;
        _filePath = path.ToArray();
        return true;
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            int zeros = LengthOfHole(offsetBytes, content);
            offsetBytes += zeros;
            content = content[zeros..];
            int data = LengthOfData(offsetBytes, content);
            WriteData(offsetBytes, content[..data]);
            offsetBytes += data;
            content = content[data..];
        }
    }

    /// <inheritdoc/>
    public void EndFile()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <inheritdoc/>
    public void CreateSymlink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        Check(error == 0 ? LibcTree.CreateSymlink([.. target, 0], parent, name) : error, path, "The symlink cannot be made");
    }

    /// <inheritdoc/>
    public void CreateSpecial(ReadOnlySpan<byte> path, in InodeAttributes attributes)
    {
        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        error = error == 0 ? LibcTree.CreateNode(parent, name, (attributes.Mode & TypeMask) | 0x180, attributes.DeviceNumber) : error;
        Check(error, path, "The special file cannot be made");
    }

    /// <inheritdoc/>
    public void CreateLink(ReadOnlySpan<byte> existingPath, ReadOnlySpan<byte> newPath)
    {
        using TreeCursor existing = new(_root);
        int error = existing.Find(existingPath, out SafeFileHandle existingParent, out ReadOnlySpan<byte> existingName);
        SafeFileHandle? parent = null;
        ReadOnlySpan<byte> name = default;
        error = error == 0 ? _cursor.Find(newPath, out parent, out name) : error;
        Check(error == 0 ? LibcTree.CreateLink(existingParent, existingName, parent!, name) : error, newPath, "The hard link cannot be made");
    }

    /// <inheritdoc/>
    public void SetXattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> nodeName);
        SafeFileHandle? node = null;
        error = error == 0 ? LibcTree.OpenNode(parent, nodeName, out node) : error;
        using (node)
        {
            CheckExisting(error == 0 ? LibcTree.SetXattr(node!, [.. name, 0], value) : error, path, "An extended attribute cannot be set");
        }
    }

    /// <inheritdoc/>
    public void SetOwner(ReadOnlySpan<byte> path, in InodeAttributes attributes)
    {
        if (!_canSetOwner)
        {
            return;
        }

        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        SafeFileHandle? node = null;
        error = error == 0 ? LibcTree.OpenNode(parent, name, out node) : error;
        using (node)
        {
            CheckExisting(error == 0 ? LibcTree.SetOwner(node!, attributes.UserId, attributes.GroupId) : error, path, "The owner cannot be set");
        }
    }

    /// <inheritdoc/>
    public void SetAttributes(ReadOnlySpan<byte> path, in InodeAttributes attributes)
    {
        int error = _cursor.Find(path, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        SafeFileHandle? node = null;
        error = error == 0 ? LibcTree.OpenNode(parent, name, out node) : error;
        using (node)
        {
            OtherOwnerCount += error == 0 && IsOfOtherOwner(attributes) ? 1 : 0;
            error = error == 0 ? SetMode(node!, attributes) : error;
            error = error == 0 ? LibcTree.SetTimes(parent, name, TimeSpecOf(attributes.AccessTime), TimeSpecOf(attributes.ModifyTime)) : error;
            CheckExisting(error, path, "Permissions or times cannot be set");
        }
    }

    /// <summary>Makes everything durable.</summary>
    public void Finish() => Check(LibcTree.SyncFileSystem(_root), [], "The host cannot write it back");

    /// <inheritdoc/>
    public void Dispose()
    {
        RemoveUnfinishedFile();
        _cursor.Dispose();
        _root.Dispose();
    }

    // It has its full length from the start: nobody may take it for whole.
    private void RemoveUnfinishedFile()
    {
        if (_file is null)
        {
            return;
        }

        EndFile();
        int error = _cursor.Find(_filePath, out SafeFileHandle parent, out ReadOnlySpan<byte> name);
        Check(error == 0 ? LibcTree.Remove(parent, name) : error, _filePath, "The file is incomplete and cannot be removed");
    }

    private static CliException Unusable(string directory, Exception exception)
    {
        ExitCode code = exception is UnauthorizedAccessException ? ExitCode.AccessDenied : File.Exists(directory) ? ExitCode.AlreadyExists : ExitCode.IoError;
        return new CliException(code, $"{directory} cannot be used: {exception.Message}", null, exception);
    }

    private static LibcTree.TimeSpec TimeSpecOf(Timestamp time) => new(time.Seconds, time.Nanoseconds);

    // Whole blocks of zeros at the start.
    private static int LengthOfHole(long offsetBytes, ReadOnlySpan<byte> content)
    {
        int length = 0;
        while (length < content.Length && Block(offsetBytes + length, content[length..]) is var block && !block.ContainsAnyExcept((byte)0))
        {
            length += block.Length;
        }

        return length;
    }

    // Blocks that are not all zeros, at the start.
    private static int LengthOfData(long offsetBytes, ReadOnlySpan<byte> content)
    {
        int length = 0;
        while (length < content.Length && Block(offsetBytes + length, content[length..]) is var block && block.ContainsAnyExcept((byte)0))
        {
            length += block.Length;
        }

        return length;
    }

    private static ReadOnlySpan<byte> Block(long offsetBytes, ReadOnlySpan<byte> content) =>
        content[..(int)Math.Min(content.Length, HoleBytes - (offsetBytes % HoleBytes))];

    private bool IsOfOtherOwner(in InodeAttributes attributes) => !_canSetOwner && (attributes.UserId != _userId || attributes.GroupId != _groupId);

    private int SetMode(SafeFileHandle node, in InodeAttributes attributes)
    {
        if ((attributes.Mode & TypeMask) == Symlink)
        {
            return 0;
        }

        // With another owner these bits would give somebody else's rights away.
        uint mode = attributes.Mode & PermissionBits;
        return LibcTree.SetMode(node, IsOfOtherOwner(attributes) ? mode & ~IdBits : mode);
    }

    private void WriteData(long offsetBytes, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || _file is null)
        {
            return;
        }

        int error = LibcTree.WriteAt(_file, data, offsetBytes);
        if (!Check(error, _filePath, "The file's content cannot be written"))
        {
            // Said once: the rest of the file is left out.
            EndFile();
        }
    }

    // What was not made has been reported already.
    private void CheckExisting(int error, ReadOnlySpan<byte> path, string what)
    {
        if (error is not (Libc.ENOENT or Libc.ENOTDIR))
        {
            Check(error, path, what);
        }
    }

    private bool Check(int error, ReadOnlySpan<byte> path, string what)
    {
        switch (error)
        {
            case 0:
                return true;
            case LibcTree.ENOSPC or LibcTree.EDQUOT:
                throw new CliException(ExitCode.NoSpace, $"There is no space left for {_directory}.", "The files that were copied so far are there and whole. Free space, or salvage to another disk.");
            case LibcTree.EIO or LibcTree.EROFS:
                throw new CliException(ExitCode.IoError, $"{_directory} cannot be written to: {Marshal.GetPInvokeErrorMessage(error)}.", "What was copied so far is there. Salvage to another disk.");
            default:
                ProblemCount++;
                _onProblem(path.ToArray(), $"{what}: {Marshal.GetPInvokeErrorMessage(error)}.");
                return false;
        }
    }
}
