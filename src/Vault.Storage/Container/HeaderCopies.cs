using Vault.Crypto;

namespace Vault.Storage;

/// <summary>The two copies of the header on the medium.</summary>
internal static class HeaderCopies
{
    /// <summary>Reads both copies and chooses.</summary>
    public static HeaderReading Read(IMedium medium)
    {
        HeaderDefect defectA = ReadCopy(medium, ContainerLayout.HeaderCopyAOffset, out UnverifiedHeader? a);
        HeaderDefect defectB = ReadCopy(medium, ContainerLayout.HeaderCopyBOffset, out UnverifiedHeader? b);
        if (a is null && b is null)
            throw NoUsableCopy(medium, defectA, defectB);
        bool useA = b is null || (a is not null && a.Sequence >= b.Sequence);
        return new HeaderReading(useA ? a : b, defectA, defectB);
    }

    /// <summary>Verifies the chosen copy under the master key, or the other one if the chosen was changed by somebody.</summary>
    public static VaultHeader Verify(IMedium medium, MasterKey master)
    {
        HeaderReading reading = Read(medium);
        VaultHeader? chosen = reading.Header!.TryVerify(master);
        if (chosen is not null)
            return chosen;
        ReadCopy(medium, ContainerLayout.HeaderCopyAOffset, out UnverifiedHeader? a);
        ReadCopy(medium, ContainerLayout.HeaderCopyBOffset, out UnverifiedHeader? b);
        return a?.TryVerify(master) ?? b?.TryVerify(master)
            ?? throw new VaultException(VaultFailure.HeaderForged, "The header does not belong to this key: somebody changed it.");
    }

    /// <summary>
    /// Writes the copies that have other bytes, one after the other, so that one is whole at any instant: finishes a
    /// change that broke off, mends a damaged copy, and leaves a good one alone.
    /// </summary>
    /// <returns>Whether anything had to be written.</returns>
    public static bool Write(IMedium medium, VaultHeader header)
    {
        IReadOnlyList<long> offsets = OffsetsThatDiffer(medium, header);
        Span<byte> bytes = stackalloc byte[VaultHeader.SizeBytes];
        header.WriteTo(bytes);
        foreach (long offset in offsets)
        {
            medium.Write(offset, bytes);
            medium.Flush();
        }

        return offsets.Count > 0;
    }

    /// <summary>Where the copies lie that have other bytes.</summary>
    public static IReadOnlyList<long> OffsetsThatDiffer(IMedium medium, VaultHeader header)
    {
        List<long> offsets = [];
        Span<byte> bytes = stackalloc byte[VaultHeader.SizeBytes];
        Span<byte> stored = stackalloc byte[VaultHeader.SizeBytes];
        header.WriteTo(bytes);
        foreach (long offset in (ReadOnlySpan<long>)[ContainerLayout.HeaderCopyAOffset, ContainerLayout.HeaderCopyBOffset])
        {
            if (!TryRead(medium, offset, stored, out int count) || count != stored.Length || !stored.SequenceEqual(bytes))
                offsets.Add(offset);
        }

        return offsets;
    }

    private static HeaderDefect ReadCopy(IMedium medium, long offset, out UnverifiedHeader? header)
    {
        header = null;
        Span<byte> bytes = stackalloc byte[VaultHeader.SizeBytes];
        return TryRead(medium, offset, bytes, out int count) ? UnverifiedHeader.TryParse(bytes[..count], out header) : HeaderDefect.Damaged;
    }

    // A copy on a bad sector is a damaged copy: the other one may be whole.
    private static bool TryRead(IMedium medium, long offset, Span<byte> bytes, out int count)
    {
        try
        {
            count = medium.Read(offset, bytes);
            return true;
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError)
        {
            count = 0;
            return false;
        }
    }

    // The reason that helps most: a newer version before damage, damage before 'not a vault'.
    private static VaultException NoUsableCopy(IMedium medium, HeaderDefect a, HeaderDefect b)
    {
        bool Either(HeaderDefect defect) => a == defect || b == defect;
        if (Either(HeaderDefect.UnknownVersion))
            return new VaultException(VaultFailure.UnknownVersion, "The vault has a format version that this program does not know. Use a newer vaultfs.");
        if (Either(HeaderDefect.UnknownFeature))
            return new VaultException(VaultFailure.UnknownFeature, "The vault uses a feature that this program does not know. Use a newer vaultfs.");
        if (a == HeaderDefect.NotAVault && b == HeaderDefect.NotAVault)
            return new VaultException(VaultFailure.NotAVault, "The file is not a vault: it has no vault header.");
        return medium.LengthBytes <= ContainerLayout.HeaderCopyBOffset
            ? new VaultException(VaultFailure.Truncated, "The vault is cut off within its header. Restore it from a backup.")
            : new VaultException(VaultFailure.HeaderDamaged, "Both copies of the vault's header are damaged. Restore it from a backup.");
    }
}
