namespace Vault.Storage;

/// <summary>Extended attributes whose names not everybody is shown.</summary>
[Flags]
public enum XattrKinds
{
    /// <summary>Only the others.</summary>
    None = 0,

    /// <summary><c>trusted.*</c>: for privileged users.</summary>
    Trusted = 1,

    /// <summary>POSIX access control lists: where they are in force.</summary>
    AccessControlLists = 2,

    /// <summary>All names.</summary>
    All = Trusted | AccessControlLists,
}
