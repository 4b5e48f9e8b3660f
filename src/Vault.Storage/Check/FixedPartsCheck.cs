using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Checks what lies in fixed places: header copies and superblock slots.</summary>
internal static class FixedPartsCheck
{
    /// <summary>Both copies are the same, and not older than the content.</summary>
    public static void Header(IMedium medium, VaultHeader header, Superblock newest, CheckLog log)
    {
        foreach (long offset in HeaderCopies.OffsetsThatDiffer(medium, header))
            log.Add(CheckFindingKind.SpareCopy, 0, null, offset, VaultHeader.SizeBytes, "One of the two header copies is damaged or older; the other one is whole.");
        if (header.Sequence < newest.HeaderSequence)
            log.Add(CheckFindingKind.Inconsistency, 0, null, ContainerLayout.HeaderCopyAOffset, VaultHeader.SizeBytes, "The header is older than the content: somebody put an old header back.");
    }

    /// <summary>Every slot of the ring holds one of the newest generations.</summary>
    public static void Slots(IEnumerable<int> bad, CheckLog log)
    {
        foreach (int slot in bad)
        {
            long offset = new BlockAddress(ContainerLayout.SuperblockRingBlock + (ulong)slot).OffsetBytes;
            log.Add(CheckFindingKind.SuperblockSlot, 0, null, offset, ContainerLayout.BlockSize, "A superblock slot does not hold what belongs there: a commit broke off there, it is damaged, or an old one was put back.");
        }
    }

    /// <summary>The medium is as long as its content.</summary>
    public static void Length(IMedium medium, Superblock newest, CheckLog log)
    {
        long wanted = checked((long)newest.Space.TotalBlocks * ContainerLayout.BlockSize);
        long length = medium.LengthBytes;
        if (length < wanted)
            log.Add(CheckFindingKind.SpaceMap, 0, null, length, wanted - length, "The vault's file is shorter than its content: it was cut off.");
    }
}
