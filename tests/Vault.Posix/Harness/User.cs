using System.Runtime.ExceptionServices;
using Vault.Posix.Interop;

namespace Vault.Posix.Harness;

/// <summary>Who does something: a user, its group, and its supplementary groups.</summary>
internal sealed record User(uint Uid, uint Gid, params uint[] Groups)
{
    /// <summary>The owner in most cases.</summary>
    public static readonly User Alice = new(3001, 4001);

    /// <summary>Somebody else, of another group.</summary>
    public static readonly User Bob = new(3002, 4002);

    /// <summary>Somebody else, of Alice's group.</summary>
    public static readonly User Carol = new(3003, 4001);

    /// <summary>Somebody else, to whom Alice's group is a supplementary one.</summary>
    public static readonly User Dave = new(3004, 4004, 4005, 4001);

    /// <summary>Runs part of a case as a user, in a thread whose ids these are and which ends with it.</summary>
    public static void As(User user, Action action)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                ThreadCredentials.Set(user.Uid, user.Gid, user.Groups);
                action();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
