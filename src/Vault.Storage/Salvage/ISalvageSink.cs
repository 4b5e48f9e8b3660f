namespace Vault.Storage;

/// <summary>
/// Where salvaged files go. Directories come before what is in them; paths are raw bytes relative to the target, '/' between
/// components, none of which is empty, "." or "..". Calls come from one thread.
/// </summary>
public interface ISalvageSink
{
    /// <summary>Makes a directory, or takes one that is there.</summary>
    void CreateDirectory(ReadOnlySpan<byte> path);

    /// <summary>Begins a regular file, replacing nothing.</summary>
    /// <returns>False: it cannot be made; the sink has reported why, and the file's content is skipped.</returns>
    bool BeginFile(ReadOnlySpan<byte> path, long sizeBytes);

    /// <summary>Writes verified content of the file begun last; ranges that never come stay holes.</summary>
    void Write(long offsetBytes, ReadOnlySpan<byte> content);

    /// <summary>Ends the file begun last.</summary>
    void EndFile();

    /// <summary>Makes a symlink; the target is any bytes.</summary>
    void CreateSymlink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target);

    /// <summary>Makes a fifo, socket or device node.</summary>
    void CreateSpecial(ReadOnlySpan<byte> path, in InodeAttributes attributes);

    /// <summary>Makes a second name of a file that was made before.</summary>
    void CreateLink(ReadOnlySpan<byte> existingPath, ReadOnlySpan<byte> newPath);

    /// <summary>Sets an extended attribute; one that the target refuses is left out and reported by the sink.</summary>
    void SetXattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Sets the owner: before extended attributes, as a file's capabilities go with a change of owner; of a directory after everything in it was made.</summary>
    void SetOwner(ReadOnlySpan<byte> path, in InodeAttributes attributes);

    /// <summary>Sets permissions and times, last of all.</summary>
    void SetAttributes(ReadOnlySpan<byte> path, in InodeAttributes attributes);
}
