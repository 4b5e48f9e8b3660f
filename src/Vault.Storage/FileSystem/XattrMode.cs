namespace Vault.Storage;

/// <summary>Flags of <c>setxattr(2)</c>, with Linux's values.</summary>
[Flags]
public enum XattrMode : uint
{
    /// <summary>Create or replace.</summary>
    Any = 0,

    /// <summary><c>XATTR_CREATE</c>: EEXIST if it exists.</summary>
    Create = 1,

    /// <summary><c>XATTR_REPLACE</c>: ENODATA if it does not exist.</summary>
    Replace = 2,
}
