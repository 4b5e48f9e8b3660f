using Vault.Fuse.Mount;

namespace Vault.Fuse.Tests.Mount;

public sealed class MountOptionTextTests
{
    // Goal: the kernel is told just what it understands.
    // Method: both forms, literally.
    [Theory]
    [InlineData(false, "fd=7,rootmode=40000,user_id=1000,group_id=1001,default_permissions,max_read=1048576")]
    [InlineData(true, "fd=7,rootmode=40000,user_id=1000,group_id=1001,default_permissions,allow_other,max_read=1048576")]
    public void Kernel_options(bool allowOther, string expected) =>
        Assert.Equal(expected, MountOptionText.ForKernel(7, 1000, 1001, allowOther));

    // Goal: a vault's path can add no option of its own.
    // Method: a comma and a backslash in it.
    [Fact]
    public void Fusermount_options_escape_the_source()
    {
        Assert.Equal(
            @"rw,nosuid,nodev,fsname=/a\,suid\\b c,subtype=vaultfs,default_permissions,max_read=1048576",
            MountOptionText.ForFusermount(@"/a,suid\b c", readOnly: false, allowOther: false));
        Assert.Equal(
            "ro,nosuid,nodev,fsname=/a,subtype=vaultfs,default_permissions,allow_other,max_read=1048576",
            MountOptionText.ForFusermount("/a", readOnly: true, allowOther: true));
    }
}
