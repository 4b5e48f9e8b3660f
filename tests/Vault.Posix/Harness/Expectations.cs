using System.Runtime.CompilerServices;
using Vault.Posix.Interop;

namespace Vault.Posix.Harness;

/// <summary>A rule did not hold.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);

/// <summary>What a case expects of the calls that it makes; a failure quotes the call.</summary>
internal static class Expectations
{
    /// <returns>The call's value: a descriptor or a count.</returns>
    public static int Ok(this Outcome outcome, [CallerArgumentExpression(nameof(outcome))] string call = "") =>
        outcome.Error == Errno.None ? unchecked((int)outcome.Value) : throw new CaseFailedException($"{call} failed with {outcome.Error}");

    public static void Fails(this Outcome outcome, Errno error, [CallerArgumentExpression(nameof(outcome))] string call = "")
    {
        if (outcome.Error != error)
        {
            throw new CaseFailedException($"{call} gave {outcome}, not {error}");
        }
    }

    public static void Is(this Outcome outcome, long value, [CallerArgumentExpression(nameof(outcome))] string call = "")
    {
        if (outcome != new Outcome(value, Errno.None))
        {
            throw new CaseFailedException($"{call} gave {outcome}, not {value}");
        }
    }

    public static void Is(this Mode actual, Mode expected, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Is<Mode>(actual, expected, what);

    public static void Is<T>(this T actual, T expected, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
        {
            throw new CaseFailedException($"{what} is {actual}, not {expected}");
        }
    }

    public static void IsNot<T>(this T actual, T other, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (EqualityComparer<T>.Default.Equals(actual, other))
        {
            throw new CaseFailedException($"{what} is {actual}");
        }
    }

    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
        {
            throw new CaseFailedException($"untrue: {what}");
        }
    }

    /// <summary>Names or bytes in order.</summary>
    public static void Are<T>(this IEnumerable<T> actual, params T[] expected) => Are(actual, expected, "the list");

    public static void Are<T>(this IEnumerable<T> actual, T[] expected, string what)
    {
        T[] items = [.. actual];
        if (!items.SequenceEqual(expected))
        {
            throw new CaseFailedException($"{what} is [{string.Join(", ", items.Take(20))}], not [{string.Join(", ", expected.Take(20))}]");
        }
    }
}
