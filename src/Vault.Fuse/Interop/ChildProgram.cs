using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Fuse.Interop;

/// <summary>
/// A program started with an environment of its own, its output captured, and one open file passed on, which the runtime's own
/// process class cannot do.
/// </summary>
internal sealed unsafe class ChildProgram : IDisposable
{
    /// <summary>The number that the passed file has in the child.</summary>
    internal const int PassedDescriptor = 3;

    private const int CloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030;

    /// <summary><c>posix_spawn_file_actions_t</c> has 80 bytes in glibc and in musl.</summary>
    internal const int FileActionsBytes = 256;

    private readonly int _pid;
    private readonly SafeFileHandle _output;

    private ChildProgram(int pid, SafeFileHandle output)
    {
        _pid = pid;
        _output = output;
    }

    /// <summary>Starts a program.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="arguments">What follows the program's name.</param>
    /// <param name="environment">All of its environment, as <c>NAME=value</c>.</param>
    /// <param name="passed">A file that it gets as number 3; or null.</param>
    /// <param name="program">The running program.</param>
    /// <returns>0, or the error number.</returns>
    public static int TryStart(string path, string[] arguments, string[] environment, SafeFileHandle? passed, out ChildProgram? program)
    {
        program = null;
        int* ends = stackalloc int[2];

        // SAFETY: the call fills two numbers, which live on this frame.
        if (LibC.pipe2(ends, CloseOnExec) < 0)
            return Marshal.GetLastSystemError();
        var output = new SafeFileHandle(ends[0], ownsHandle: true);
        using var input = new SafeFileHandle(ends[1], ownsHandle: true);
        int errno = Spawn(path, arguments, environment, ends[1], passed, out int pid);
        if (errno == 0)
            program = new ChildProgram(pid, output);
        else
            output.Dispose();
        return errno;
    }

    /// <summary>Reads what the program says until it closes its output, and waits for its end.</summary>
    /// <param name="text">Output and errors, trimmed.</param>
    /// <returns>Whether it ended with exit code 0.</returns>
    public bool WaitForEnd(out string text)
    {
        using (var stream = new FileStream(_output, FileAccess.Read, bufferSize: 0))
        using (var reader = new StreamReader(stream))
            text = reader.ReadToEnd().Trim();
        int status = 0;
        int result;
        do
        {
            // SAFETY: the call fills one number, which lives on this frame.
            result = LibC.waitpid(_pid, &status, 0);
        }
        while (result < 0 && Marshal.GetLastSystemError() == SystemError.EINTR);

        // If children are ignored (SIGCHLD), nobody can learn the exit code: who says nothing has succeeded.
        return result == _pid ? status == 0 : text.Length == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private static int Spawn(string path, string[] arguments, string[] environment, int outputFd, SafeFileHandle? passed, out int pid)
    {
        byte* actions = stackalloc byte[FileActionsBytes];
        byte** argv = ToNative([path, .. arguments]);
        byte** envp = ToNative(environment);
        int passedCopy = -1;
        int child = 0;

        // SAFETY: the lists end with null and live until the call has returned; the actions have room for the C library's type.
        int errno = LibC.posix_spawn_file_actions_init(actions);
        if (errno == 0)
        {
            errno = FirstError(
                LibC.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0),
                LibC.posix_spawn_file_actions_adddup2(actions, outputFd, 1),
                LibC.posix_spawn_file_actions_adddup2(actions, outputFd, 2));
            if (errno == 0 && passed is not null)
            {
                // A copy with a higher number: the file could be number 1 or 2 itself, if those were closed here.
                passedCopy = LibC.fcntl((int)passed.DangerousGetHandle(), DuplicateCloseOnExec, PassedDescriptor + 1);
                errno = passedCopy < 0
                    ? Marshal.GetLastSystemError()
                    : LibC.posix_spawn_file_actions_adddup2(actions, passedCopy, PassedDescriptor);
            }

            if (errno == 0)
                errno = LibC.posix_spawn(&child, path, actions, null, argv, envp);
            _ = LibC.posix_spawn_file_actions_destroy(actions);
        }

        if (passedCopy >= 0)
            new SafeFileHandle(passedCopy, ownsHandle: true).Dispose();
        Free(argv);
        Free(envp);
        pid = child;
        return errno;
    }

    private static int FirstError(params ReadOnlySpan<int> errors)
    {
        foreach (int error in errors)
        {
            if (error != 0)
                return error;
        }

        return 0;
    }

    /// <summary>A list of C strings, ended by null.</summary>
    private static byte** ToNative(string[] texts)
    {
        // SAFETY: room for every pointer and the null that ends the list.
        var list = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++)
            list[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return list;
    }

    private static void Free(byte** list)
    {
        // SAFETY: made by ToNative, freed once.
        for (byte** item = list; *item is not null; item++)
            Marshal.FreeCoTaskMem((nint)(*item));
        NativeMemory.Free(list);
    }
}
