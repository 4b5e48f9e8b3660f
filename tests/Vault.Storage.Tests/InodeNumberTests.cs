namespace Vault.Storage.Tests;

public sealed class InodeNumberTests
{
    // Goal: after a repair numbers are given out that nobody has, for a long time to come, and that the next repair believes.
    // Method: cases at the bounds: dense numbers, numbers that are wrong and high, a next one that is too low, too high or in between.
    [Theory]
    [InlineData(new ulong[] { 1, 2, 3 }, 4, 4)]
    [InlineData(new ulong[] { 1, 2, 3 }, 9, 9)]
    [InlineData(new ulong[] { 1, 2, 3 }, 3, 4)]
    [InlineData(new ulong[] { 1 }, ulong.MaxValue, 2)]
    [InlineData(new ulong[] { 1, 2, InodeNumber.MaxBelieved }, 3, 3)]
    [InlineData(new ulong[] { 1, 2, InodeNumber.MaxBelieved }, InodeNumber.MaxBelieved, 3)]
    [InlineData(new ulong[] { 1, 2, InodeNumber.MaxBelieved }, InodeNumber.MaxBelieved + 1, 3)]
    [InlineData(new ulong[] { 1, 2, 100 + InodeNumber.Room }, 100, 100)]
    [InlineData(new ulong[] { 1, 2, 99 + InodeNumber.Room }, 100, 3)]
    [InlineData(new ulong[] { 1, 2, 3 + InodeNumber.Room, InodeNumber.MaxBelieved }, 4, 3)]
    [InlineData(new ulong[] { 1, 2, 2 + InodeNumber.Room, InodeNumber.MaxBelieved }, 2, 3 + InodeNumber.Room)]
    [InlineData(new ulong[] { 1 }, InodeNumber.MaxBelieved - InodeNumber.Room, InodeNumber.MaxBelieved - InodeNumber.Room)]
    public void The_next_number_is_followed_by_free_ones(ulong[] used, ulong next, ulong expected)
    {
        ulong chosen = InodeNumber.NextAmong(used, next);
        Assert.Equal(expected, chosen);
        Assert.True(InodeNumber.CanBeNext(chosen, used.FirstOrDefault(n => n >= chosen, ulong.MaxValue)));
    }

    // Goal: a vault whose numbers are used up stays as it is, and can be read and emptied.
    // Method: the next number is set to the last; creating answers ENOSPC; what is there can be deleted, and the vault opens again.
    [Theory]
    [InlineData(InodeNumber.LastGivenOut + 1)]
    [InlineData(InodeNumber.MaxValue - 1)]
    public void A_vault_without_numbers_refuses_to_create(ulong last)
    {
        CheckedVault vault = new(fileSystem => fileSystem.CreateFile("file"));
        vault.EditVolume(volume => PrivateState.SetField(volume, "_nextInode", last));
        vault.With(fileSystem =>
        {
            Assert.Equal(Errno.ENOSPC, fileSystem.CreateNode(InodeNumber.Root, "new"u8, ModeBits.RegularFile, 0, 0, 0, out _));
            Assert.Equal(Errno.ENOSPC, fileSystem.CreateUnnamed(InodeNumber.Root, new NewNode { Mode = ModeBits.RegularFile }, out _));
            Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "file"u8));
            fileSystem.SyncAll();
        });
        Assert.Equal(["Inconsistency -"], vault.Findings());
        Assert.Empty(vault.RepairAndWork());
    }
}
