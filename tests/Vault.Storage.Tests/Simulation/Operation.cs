using System.Globalization;
using System.Text;

namespace Vault.Storage.Tests.Simulation;

/// <summary>What an <see cref="Operation"/> does. Those after <see cref="Sync"/> are done to the vault or to its medium.</summary>
internal enum OperationKind
{
    CreateFile,
    CreateDirectory,

    /// <summary>A symlink whose target is <c>Other</c>.</summary>
    CreateSymlink,

    /// <summary>Gives what <c>Path</c> names the name <c>Other</c> too.</summary>
    Link,

    /// <summary><c>Length</c> bytes, made from <c>Argument</c>, at <c>Offset</c>.</summary>
    Write,

    /// <summary>To <c>Length</c> bytes.</summary>
    Truncate,

    /// <summary><c>Length</c> bytes at <c>Offset</c>, in the <see cref="AllocationMode"/> of <c>Argument</c>.</summary>
    Allocate,

    /// <summary><c>Length</c> bytes at <c>Offset</c> to <c>Other</c>, at offset <c>Argument</c>.</summary>
    CopyRange,
    Read,
    Unlink,
    RemoveDirectory,

    /// <summary>To <c>Other</c>, in the <see cref="RenameMode"/> of <c>Argument</c>.</summary>
    Rename,

    /// <summary>Attribute <c>Other</c>, <c>Length</c> bytes, in the <see cref="XattrMode"/> of <c>Argument</c>.</summary>
    SetXattr,
    RemoveXattr,
    SetMode,
    SetModifyTime,

    /// <summary>Keeps a file open as "@<c>Argument</c>": it lives on there without a name.</summary>
    Open,
    Close,

    /// <summary>A file without a name in the directory <c>Path</c>, open as "@<c>Argument</c>".</summary>
    CreateUnnamed,

    /// <summary>The access control list <c>Argument</c> of <see cref="ModelAcl"/>, as attribute <c>Other</c>.</summary>
    SetAcl,

    /// <summary>The <see cref="AttributeFlags"/> of <c>Argument</c>.</summary>
    SetFlags,
    Sync,

    /// <summary>Compares all of the vault with the model.</summary>
    Check,

    /// <summary>Closes the vault as <c>vaultfs lock</c> does and opens it again.</summary>
    Lock,

    /// <summary>Commits and gives free space back to the host, as the timer does.</summary>
    GiveBack,

    /// <summary>
    /// The process dies at the <c>Length</c>-th operation of the medium from now (0: now); the host lives on, with all
    /// that was written. Opens again.
    /// </summary>
    Kill,

    /// <summary>The power goes at the <c>Length</c>-th operation of the medium from now (0: now), survival <c>Argument</c>.</summary>
    LosePower,

    /// <summary>The <c>Length</c>-th operation of the medium from now fails with EIO (a flush: loses data).</summary>
    FailOperation,

    /// <summary>The <c>Length</c>-th read from now fails with EIO.</summary>
    FailRead,

    /// <summary>The <c>Length</c>-th operation of the medium from now is refused with ENOSPC.</summary>
    RefuseOperation,

    /// <summary>The host has no more than <c>Length</c> blocks left.</summary>
    FillHost,

    /// <summary>The host has space again.</summary>
    FreeHost,

    /// <summary>Deletes everything, which is possible on a full host too, and then there is room again.</summary>
    Empty,
}

/// <summary>
/// One step of a workload, as a value: it can be dropped or made simpler while a failure stays. Paths that name nothing are legal:
/// the vault and the model must then agree on the error.
/// </summary>
internal readonly record struct Operation(OperationKind Kind, string Path = "", string Other = "", long Offset = 0, int Length = 0, uint Argument = 0)
{
    /// <summary>As it is written in C#.</summary>
    public override string ToString()
    {
        StringBuilder text = new($"new(OperationKind.{Kind}");
        if (Path.Length > 0)
            text.Append($", \"{Path}\"");
        if (Other.Length > 0)
            text.Append($", Other: \"{Other}\"");
        if (Offset != 0)
            text.Append(CultureInfo.InvariantCulture, $", Offset: {Offset}");
        if (Length != 0)
            text.Append(CultureInfo.InvariantCulture, $", Length: {Length}");
        if (Argument != 0)
            text.Append(CultureInfo.InvariantCulture, $", Argument: {Argument}");
        return text.Append("),").ToString();
    }

    /// <summary>The bytes of a write or an attribute: the canary all over, and no two places alike.</summary>
    public byte[] Data()
    {
        byte[] data = new byte[Length];
        Canary.Fill(data, Argument);
        return data;
    }
}
