using System.Reflection;

namespace Vault.Storage.Tests;

/// <summary>Private fields, for what cannot be seen or brought about from outside.</summary>
internal static class PrivateState
{
    public static T Field<T>(object owner, string name) => (T)FieldOf(owner, name).GetValue(owner)!;

    public static void SetField(object owner, string name, object value) => FieldOf(owner, name).SetValue(owner, value);

    private static FieldInfo FieldOf(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
}
