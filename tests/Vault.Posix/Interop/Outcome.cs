using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Vault.Posix.Interop;

/// <summary>What a system call came to: a value, or an error number.</summary>
[NativeMarshalling(typeof(IntOutcome))]
internal readonly record struct Outcome(long Value, Errno Error)
{
    public override string ToString() => Error == Errno.None ? Value.ToString() : Error.ToString();
}

/// <summary>Takes the outcome of a call that returns <c>int</c>, and <c>errno</c> with it.</summary>
[CustomMarshaller(typeof(Outcome), MarshalMode.ManagedToUnmanagedOut, typeof(IntOutcome))]
internal static class IntOutcome
{
    public static Outcome ConvertToManaged(int result) => LongOutcome.ConvertToManaged(result);
}

/// <summary>Takes the outcome of a call that returns <c>ssize_t</c>, <c>off_t</c> or a pointer.</summary>
[CustomMarshaller(typeof(Outcome), MarshalMode.ManagedToUnmanagedOut, typeof(LongOutcome))]
internal static class LongOutcome
{
    public static Outcome ConvertToManaged(nint result) =>
        result == -1 ? new Outcome(-1, (Errno)Marshal.GetLastSystemError()) : new Outcome(result, Errno.None);
}
