namespace Vault.Storage;

/// <summary>The bits of <c>st_mode</c> (sys/stat.h).</summary>
public static class ModeBits
{
    /// <summary><c>S_IFMT</c>: the file type's bits.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary><c>S_IFIFO</c>.</summary>
    public const uint Fifo = 0x1000;

    /// <summary><c>S_IFCHR</c>.</summary>
    public const uint CharacterDevice = 0x2000;

    /// <summary><c>S_IFDIR</c>.</summary>
    public const uint Directory = 0x4000;

    /// <summary><c>S_IFBLK</c>.</summary>
    public const uint BlockDevice = 0x6000;

    /// <summary><c>S_IFREG</c>.</summary>
    public const uint RegularFile = 0x8000;

    /// <summary><c>S_IFLNK</c>.</summary>
    public const uint SymbolicLink = 0xA000;

    /// <summary><c>S_IFSOCK</c>.</summary>
    public const uint Socket = 0xC000;

    /// <summary><c>S_ISUID</c>.</summary>
    public const uint SetUserId = 0x800;

    /// <summary><c>S_ISGID</c>.</summary>
    public const uint SetGroupId = 0x400;

    /// <summary><c>S_IXGRP</c>.</summary>
    public const uint GroupExecute = 0x8;

    /// <summary><c>rwxrwxrwx</c>.</summary>
    public const uint AllPermissions = 0x1FF;

    /// <summary>Everything but the type: permissions, set-id bits, sticky bit.</summary>
    public const uint PermissionMask = 0xFFF;

    /// <summary>Whether the bits under <see cref="TypeMask"/> are a type.</summary>
    public static bool IsKnownType(uint type) => type is Fifo or CharacterDevice or Directory or BlockDevice or RegularFile or SymbolicLink or Socket;
}
