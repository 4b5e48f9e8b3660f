namespace Vault.Fuse.Interop;

/// <summary>Who this process is to the kernel.</summary>
internal static class Identity
{
    /// <summary>The effective user.</summary>
    internal static uint UserId => LibC.geteuid();

    /// <summary>The effective group.</summary>
    internal static uint GroupId => LibC.getegid();

    /// <summary>Whether it is root, of the machine or of a user namespace.</summary>
    internal static bool IsRoot => UserId == 0;
}
