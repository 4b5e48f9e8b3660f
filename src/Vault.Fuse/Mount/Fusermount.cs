using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Interop;

namespace Vault.Fuse.Mount;

/// <summary>The set-user-id program by which ordinary users mount and unmount (Debian package fuse3).</summary>
internal static class Fusermount
{
    /// <summary>Never looked for on PATH, which others may have set.</summary>
    private static readonly string[] Places = ["/usr/bin/fusermount3", "/bin/fusermount3"];

    /// <summary>Its path, or null if it is not installed.</summary>
    public static string? Find() => Places.FirstOrDefault(File.Exists);

    /// <summary>Mounts.</summary>
    /// <returns>The device, mounted.</returns>
    /// <exception cref="MountException">It is not there, or refused.</exception>
    public static SafeFileHandle Mount(string mountPoint, FuseMountOptions options)
    {
        string program = Find() ?? throw new MountException(
            MountFailure.NoFusermount, $"{Places[0]} is not installed, without which only root can mount. Install the package fuse3.");
        int errno = DescriptorSocket.TryCreate(out DescriptorSocket? socket);
        if (socket is null)
            throw CannotRun(program, errno);
        using (socket)
        {
            string list = MountOptionText.ForFusermount(options);
            errno = ChildProgram.TryStart(
                program,
                ["-o", list, "--", mountPoint],
                [.. CleanEnvironment, $"_FUSE_COMMFD={ChildProgram.PassedDescriptor}"],
                socket.Theirs,
                out ChildProgram? child);
            if (child is null)
                throw CannotRun(program, errno);
            using (child)
            {
                socket.Theirs.Dispose();
                SafeFileHandle? device = socket.Receive();
                bool succeeded = child.WaitForEnd(out string output);
                if (device is not null && succeeded)
                    return device;
                device?.Dispose();
                throw new MountException(MountFailure.Refused, $"Mounting at {mountPoint} was refused. {(output.Length > 0 ? output : program + " failed without a word.")}");
            }
        }
    }

    /// <summary>Unmounts.</summary>
    /// <param name="mountPoint">An absolute path without symlinks.</param>
    /// <param name="detach">At once, though it is in use.</param>
    /// <returns>Null if it did, else what it said.</returns>
    public static string? Unmount(string mountPoint, bool detach)
    {
        string? program = Find();
        if (program is null)
            return $"{Places[0]} is not installed";
        string[] arguments = detach ? ["-u", "-z", "--", mountPoint] : ["-u", "--", mountPoint];
        int errno = ChildProgram.TryStart(program, arguments, CleanEnvironment, passed: null, out ChildProgram? child);
        if (child is null)
            return SystemError.Describe(errno);
        using (child)
            return child.WaitForEnd(out string output) ? null : output;
    }

    /// <summary>Messages in English, as they are matched.</summary>
    private static string[] CleanEnvironment => ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"];

    private static MountException CannotRun(string program, int errno) =>
        new(MountFailure.Refused, $"{program} cannot be run: {SystemError.Describe(errno)}.");
}
