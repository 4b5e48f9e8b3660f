using System.Reflection;
using Vault.Posix.Harness;

namespace Vault.Posix;

/// <summary>All groups of cases: the static fields of the classes in <c>Cases/</c>, in the order of their names.</summary>
internal static class Suite
{
    public static IReadOnlyList<Group> Groups { get; } =
    [
        .. typeof(Suite).Assembly.GetTypes()
            .Where(type => type.Namespace == "Vault.Posix.Cases")
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(field => field.FieldType == typeof(Group))
            .Select(field => (Group)field.GetValue(null)!),
    ];
}
