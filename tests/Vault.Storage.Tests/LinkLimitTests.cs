using System.Text;

namespace Vault.Storage.Tests;

public sealed class LinkLimitTests
{
    // Goal: a file has 65,000 links and no more, as on ext4, and loses none by the refusal.
    // Method: links until EMLINK; one is removed, which makes room for one.
    [Fact]
    public void A_file_has_so_many_links_and_no_more()
    {
        MemoryMedium medium = TestVault.Create(out Vault.Crypto.MasterKey master);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master);
        InodeNumber file = fileSystem.CreateFile("f");
        int count = 1;
        Errno errno;
        while ((errno = Link(count)) == Errno.None)
            count++;

        Assert.Equal((Errno.EMLINK, 65_000), (errno, count));
        Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "f"u8));
        Assert.Equal(Errno.None, Link(count));
        Assert.Equal(Errno.EMLINK, Link(count + 1));

        Errno Link(int number) => fileSystem.Link(file, InodeNumber.Root, Encoding.ASCII.GetBytes($"link{number}"), out _);
    }
}
