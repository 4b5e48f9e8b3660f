namespace Vault.Storage;

/// <summary>Flags of <c>renameat2(2)</c>, with Linux's values.</summary>
[Flags]
public enum RenameMode : uint
{
    /// <summary>Replace an existing target.</summary>
    Replace = 0,

    /// <summary><c>RENAME_NOREPLACE</c>: EEXIST if the target exists.</summary>
    NoReplace = 1,

    /// <summary><c>RENAME_EXCHANGE</c>: swap the two names atomically.</summary>
    Exchange = 2,

    /// <summary><c>RENAME_WHITEOUT</c>: leave a character device 0:0 at the old name.</summary>
    Whiteout = 4,
}
