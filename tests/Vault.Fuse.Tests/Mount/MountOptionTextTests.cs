using Vault.Fuse.Mount;
using Vault.Storage;

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
            @"nosuid,nodev,fsname=/a\,suid\\b c,subtype=vaultfs,default_permissions,max_read=1048576",
            MountOptionText.ForFusermount(new() { MountPoint = "/m", Source = @"/a,suid\b c" }));
        Assert.Equal(
            "ro,nosuid,nodev,fsname=/a,subtype=vaultfs,default_permissions,allow_other,max_read=1048576",
            MountOptionText.ForFusermount(new() { MountPoint = "/m", Source = "/a", ReadOnly = true, AllowOther = true }));
    }

    // Goal: every option has the kernel's bit and mount(8)'s word, and nothing is lifted unasked.
    // Method: each option alone; without any, set-id programs and devices are off.
    [Fact]
    public void Flags_are_those_of_mount()
    {
        FuseMountOptions plain = new() { MountPoint = "/m", Source = "/a" };
        FuseMountOptions lifted = plain with { AllowSetId = true, AllowDevices = true };

        Assert.Equal([(2, "nosuid"), (4, "nodev")], MountFlags.Of(plain));
        Assert.Empty(MountFlags.Of(lifted));
        Assert.Equal([(1, "ro")], MountFlags.Of(lifted with { ReadOnly = true }));
        Assert.Equal([(8, "noexec")], MountFlags.Of(lifted with { NoExecution = true }));
        Assert.Equal([(16, "sync")], MountFlags.Of(lifted with { Synchronous = true }));
        Assert.Equal([(128, "dirsync")], MountFlags.Of(lifted with { SynchronousNames = true }));
        Assert.Equal([(1024, "noatime")], MountFlags.Of(lifted with { AccessTimes = AccessTimes.Never }));
        Assert.Equal([(1 << 24, "strictatime")], MountFlags.Of(lifted with { AccessTimes = AccessTimes.Strict }));
    }
}
