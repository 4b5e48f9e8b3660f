using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Reads and writes sealed units on the medium: the one place where blocks meet the cipher.</summary>
internal sealed class SealedUnits(IMedium medium, VaultCipher cipher, SealingSession? session)
{
    /// <summary>Reads and opens a unit, from its second copy if the first fails; the first is then mended.</summary>
    /// <param name="pointer">From the parent: trusted.</param>
    /// <param name="plaintext">As long as the unit.</param>
    /// <exception cref="VaultCorruptionException">No copy authenticates.</exception>
    public void Read(in BlockPointer pointer, Span<byte> plaintext)
    {
        Span<byte> stored = CiphertextScratch.Get(plaintext.Length);
        if (TryRead(pointer, pointer.Address, stored, plaintext))
            return;
        if (pointer.Second.IsNone || !TryRead(pointer, pointer.Second, stored, plaintext))
            throw new VaultCorruptionException(new CorruptionSite(NameOf(pointer.Kind), pointer.Address.OffsetBytes, "tag"));
        if (session is not null)
            Mend(pointer.Address, stored);
    }

    /// <summary>Reads and opens one copy of a unit and mends nothing.</summary>
    /// <param name="pointer">From the parent: trusted.</param>
    /// <param name="address">Of the copy: one of the pointer's two.</param>
    /// <param name="plaintext">As long as the unit; zeros if it does not open.</param>
    /// <returns>False: it does not authenticate, or the host cannot read it.</returns>
    public bool TryReadCopy(in BlockPointer pointer, BlockAddress address, Span<byte> plaintext)
    {
        try
        {
            Span<byte> stored = CiphertextScratch.Get(plaintext.Length);
            if (medium.Read(address.OffsetBytes, stored) == stored.Length)
                return cipher.TryOpen(pointer.Kind, pointer.Stamp, stored, plaintext);
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError)
        {
        }

        plaintext.Clear();
        return false;
    }

    /// <summary>Puts the good copy of a unit in place of the damaged one.</summary>
    /// <exception cref="VaultCorruptionException">The other copy is not good either.</exception>
    public void MendCopy(in BlockPointer pointer, BlockAddress damaged)
    {
        BlockAddress good = damaged == pointer.Address ? pointer.Second : pointer.Address;
        byte[] rented = PinnedBufferPool.Shared.Rent(pointer.SizeOfUnit);
        try
        {
            Span<byte> plaintext = rented.AsSpan(0, pointer.SizeOfUnit);
            if (!TryReadCopy(pointer, good, plaintext))
                throw new VaultCorruptionException(new CorruptionSite(NameOf(pointer.Kind), good.OffsetBytes, "tag"));
            medium.Write(damaged.OffsetBytes, CiphertextScratch.Get(plaintext.Length)); // what was opened just now
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }

    /// <summary>Seals a unit and writes it at one or two addresses.</summary>
    /// <param name="unit">Everything but the stamp, which is set in the result.</param>
    /// <param name="plaintext">As long as the unit.</param>
    public BlockPointer Write(in BlockPointer unit, ReadOnlySpan<byte> plaintext)
    {
        if (session is null || plaintext.Length != unit.SizeOfUnit)
            throw new InvalidOperationException("A unit was written by a read-only session or with a wrong length.");
        Span<byte> sealedBytes = CiphertextScratch.Get(plaintext.Length);
        SealStamp stamp = session.Seal(unit.Kind, plaintext, sealedBytes);
        medium.Write(unit.Address.OffsetBytes, sealedBytes);
        if (!unit.Second.IsNone)
            medium.Write(unit.Second.OffsetBytes, sealedBytes);
        return unit with { Stamp = stamp };
    }

    private void Mend(BlockAddress address, ReadOnlySpan<byte> stored)
    {
        try
        {
            medium.Write(address.OffsetBytes, stored);
        }
        catch (VaultException)
        {
            // The unit was read all the same: a place that cannot be mended is no reason to withhold it.
        }
    }

    private static string NameOf(SealKind kind) => kind switch
    {
        SealKind.Leaf => "leaf page",
        SealKind.Branch => "branch page",
        SealKind.SpaceBitmap => "space map bitmap",
        SealKind.SpaceIndex => "space map index",
        _ => "sealed unit",
    };

    private bool TryRead(in BlockPointer pointer, BlockAddress address, Span<byte> stored, Span<byte> plaintext)
    {
        try
        {
            return medium.Read(address.OffsetBytes, stored) == stored.Length
                && cipher.TryOpen(pointer.Kind, pointer.Stamp, stored, plaintext);
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError && !pointer.Second.IsNone && address == pointer.Address)
        {
            return false; // The second copy may be on a sector that still reads.
        }
    }
}
