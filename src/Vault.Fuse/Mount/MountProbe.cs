using Vault.Fuse.Interop;

namespace Vault.Fuse.Mount;

/// <summary>Asks a mount for an answer, on a thread of its own, as the question may block for ever.</summary>
internal static class MountProbe
{
    /// <summary>What <see cref="Ask"/> says when no answer came in time.</summary>
    public const int NoAnswer = -1;

    /// <summary>Asks for statistics and for the root's attributes.</summary>
    /// <returns>0 if the server answered, an error number, or <see cref="NoAnswer"/>.</returns>
    public static int Ask(string mountPoint, TimeSpan timeout)
    {
        int answer = NoAnswer;
        var thread = new Thread(() =>
        {
            int errno = MountCalls.StatFileSystem(mountPoint);
            Volatile.Write(ref answer, errno != 0 ? errno : MountCalls.StatNow(mountPoint));
        })
        { IsBackground = true, Name = "fuse-probe" };
        thread.Start();
        _ = thread.Join(timeout);
        return Volatile.Read(ref answer);
    }

    /// <summary>Whether an error says that nobody serves the mount any more.</summary>
    public static bool IsDead(int errno) =>
        errno is SystemError.ENOTCONN or SystemError.ECONNABORTED or SystemError.ECONNREFUSED;
}
