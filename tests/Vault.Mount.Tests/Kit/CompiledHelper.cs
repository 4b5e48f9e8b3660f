namespace Vault.Mount.Tests.Kit;

/// <summary>A small C program of <c>Helpers/</c>, compiled when a test needs it.</summary>
internal static class CompiledHelper
{
    /// <param name="name">Its file name without <c>.c</c>.</param>
    /// <param name="vault">Whose directory takes the program.</param>
    /// <returns>The program's path.</returns>
    public static string Build(string name, TestVault vault)
    {
        Requires.Program("gcc");
        string source = Path.Combine(Checkout.Root, "tests/Vault.Mount.Tests/Helpers", name + ".c");
        string program = vault.In(name);
        Shell.Run(["gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", program, source]).Succeed();
        return program;
    }
}
