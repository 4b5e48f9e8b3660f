using System.Text;
using Vault.Testing;

namespace Vault.Crypto.Tests;

/// <summary>Holds the tables of docs/format against the code, so that they cannot drift.</summary>
public sealed class FormatDocumentTests
{
    // Goal: the header's table is the code's layout, without gaps.
    // Method: read the table's offsets, sizes and names; compare with the constants; sum up to the size of a copy.
    [Fact]
    public void Header_table()
    {
        FormatDocument.CheckTable("docs/format/header.md", "## Header copy", VaultHeader.SizeBytes,
        [
            ("Magic", HeaderLayout.MagicOffset, HeaderLayout.MagicSize),
            ("Version", HeaderLayout.VersionOffset, sizeof(ushort)),
            ("Suite", HeaderLayout.SuiteOffset, sizeof(CipherSuite)),
            ("ReservedA", HeaderLayout.ReservedAOffset, HeaderLayout.ReservedASize),
            ("BlockSize", HeaderLayout.BlockSizeOffset, sizeof(uint)),
            ("ChunkSize", HeaderLayout.ChunkSizeOffset, sizeof(uint)),
            ("ReservedB", HeaderLayout.ReservedBOffset, HeaderLayout.ReservedBSize),
            ("VaultId", HeaderLayout.VaultIdOffset, VaultId.SizeBytes),
            ("Sequence", HeaderLayout.SequenceOffset, sizeof(ulong)),
            ("Compatible", HeaderLayout.CompatibleOffset, sizeof(ulong)),
            ("ReadOnlyCompatible", HeaderLayout.ReadOnlyCompatibleOffset, sizeof(ulong)),
            ("Incompatible", HeaderLayout.IncompatibleOffset, sizeof(ulong)),
            ("ReservedC", HeaderLayout.ReservedCOffset, HeaderLayout.ReservedCSize),
            ("Slots", HeaderLayout.SlotsOffset, HeaderLayout.SlotCount * KeySlotLayout.Size),
            ("ReservedD", HeaderLayout.ReservedDOffset, HeaderLayout.ReservedDSize),
            ("Mac", HeaderLayout.MacOffset, HeaderLayout.MacSize),
            ("Checksum", HeaderLayout.ChecksumOffset, HeaderLayout.ChecksumSize),
        ]);
        Assert.Equal(HeaderLayout.VaultIdOffset + VaultId.SizeBytes, HeaderLayout.FixedPartSize);
        Assert.Equal(HeaderLayout.MagicSize, HeaderLayout.Magic.Length);
    }

    // Goal: as above, for a key slot. Method: the same.
    [Fact]
    public void Key_slot_table()
    {
        FormatDocument.CheckTable("docs/format/header.md", "## Key slot", KeySlotLayout.Size,
        [
            ("Kind", KeySlotLayout.KindOffset, sizeof(KeySlotKind)),
            ("Argon2Version", KeySlotLayout.Argon2VersionOffset, sizeof(byte)),
            ("ReservedA", KeySlotLayout.ReservedAOffset, KeySlotLayout.ReservedASize),
            ("MemoryKib", KeySlotLayout.MemoryKibOffset, sizeof(uint)),
            ("Iterations", KeySlotLayout.IterationsOffset, sizeof(uint)),
            ("Lanes", KeySlotLayout.LanesOffset, sizeof(uint)),
            ("Salt", KeySlotLayout.SaltOffset, KeySlotLayout.SaltSize),
            ("Commitment", KeySlotLayout.CommitmentOffset, KeySlotLayout.CommitmentSize),
            ("WrappedKey", KeySlotLayout.WrappedKeyOffset, MasterKey.SizeBytes),
            ("WrapTag", KeySlotLayout.WrapTagOffset, Aead.TagSize),
            ("ReservedB", KeySlotLayout.ReservedBOffset, KeySlotLayout.ReservedBSize),
        ]);
        Assert.Equal(KeySlotLayout.SaltOffset + KeySlotLayout.SaltSize, KeySlotLayout.ParametersSize);
    }

    // Goal: the costs that the document allows are those that the code allows. Method: look for the numbers in the table.
    [Fact]
    public void Argon2_bounds()
    {
        string document = Repository.Read("docs/format/header.md");
        Assert.Contains($"{Argon2Parameters.LeastMemoryKib} (64 MiB) to {Argon2Parameters.MostMemoryKib} (4 GiB)", document, StringComparison.Ordinal);
        Assert.Contains($"passes, 1 to {Argon2Parameters.MostIterations}; memory times passes at most {Argon2Parameters.MostWorkKib} KiB", document, StringComparison.Ordinal);
        Assert.Contains($"| 1 to {Argon2Parameters.MostLanes} |", document, StringComparison.Ordinal);
    }

    // Goal: the tables of the stamp, nonce, associated data and superblock slot are the code's. Method: as above.
    [Fact]
    public void Sealing_tables()
    {
        const string Document = "docs/format/sealing.md";
        FormatDocument.CheckTable(Document, "## Sealed unit", SealStamp.SizeBytes, [("Salt", 0, 16), ("Sequence", 16, sizeof(ulong)), ("Tag", 24, Aead.TagSize)]);
        FormatDocument.CheckTable(Document, "The nonce:", Aead.NonceSize, [("NonceZero", 0, 4), ("NonceSequence", 4, sizeof(ulong))]);
        FormatDocument.CheckTable(Document, "The associated data:", UnitFraming.MaxAssociatedDataSize,
            [("AssociatedVaultId", 0, VaultId.SizeBytes), ("AssociatedKind", VaultId.SizeBytes, sizeof(SealKind)), ("AssociatedContext", VaultId.SizeBytes + 1, UnitFraming.MaxContextSize)]);
        FormatDocument.CheckTable(Document, "## Superblock slot", SuperblockSealer.SlotSize,
        [
            ("SlotSalt", SuperblockSealer.SaltOffset, SuperblockSealer.SaltSize),
            ("SlotTag", SuperblockSealer.TagOffset, Aead.TagSize),
            ("SlotCiphertext", SuperblockSealer.CiphertextOffset, VaultCipher.SuperblockPlaintextSize),
        ]);
    }

    // Goal: the labels in the document are the labels in the code, and no two keys share one.
    // Method: read the table of keys.
    [Fact]
    public void Key_labels()
    {
        Dictionary<string, string> inCode = new()
        {
            ["HeaderMac"] = Encoding.ASCII.GetString(KeyLabels.HeaderMac),
            ["Superblock"] = Encoding.ASCII.GetString(KeyLabels.Superblock),
            ["SuperblockSlot"] = Encoding.ASCII.GetString(KeyLabels.SuperblockSlot),
            ["Name"] = Encoding.ASCII.GetString(KeyLabels.Name),
            ["Page"] = Encoding.ASCII.GetString(KeyLabels.Page),
            ["Chunk"] = Encoding.ASCII.GetString(KeyLabels.Chunk),
            ["SpaceMap"] = Encoding.ASCII.GetString(KeyLabels.SpaceMap),
            ["Log"] = Encoding.ASCII.GetString(KeyLabels.Log),
            ["SlotWrap"] = Encoding.ASCII.GetString(KeyLabels.SlotWrap),
            ["SlotCommitment"] = Encoding.ASCII.GetString(KeyLabels.SlotCommitment),
        };
        Dictionary<string, string> inDocument = FormatDocument.Rows("docs/format/sealing.md", "## Keys").ToDictionary(r => r[0], r => r[3].Trim('`'));
        Assert.Equal(inCode.OrderBy(p => p.Key, StringComparer.Ordinal), inDocument.OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Equal(inCode.Count, inCode.Values.Distinct().Count());
        foreach (UnitKey key in Enum.GetValues<UnitKey>())
            Assert.Equal(inCode[key.ToString()], Encoding.ASCII.GetString(UnitKeys.Label(key)));
    }
}
