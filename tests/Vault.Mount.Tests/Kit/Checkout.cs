using Vault.Testing;

namespace Vault.Mount.Tests.Kit;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Checkout
{
    public static string Root => Repository.Root;

    /// <summary>The launcher: what a person runs.</summary>
    public static string Launcher => Path.Combine(Root, "vaultfs");
}
