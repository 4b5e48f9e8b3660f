using Vault.Storage;

namespace Vault.Cli.Tests.Mounts;

public sealed class MountOptionListTests
{
    // Goal: of options that contradict each other the later one wins, as in mount(8).
    // Method: each pair, both ways.
    [Fact]
    public void A_later_option_wins()
    {
        Assert.True(Parse("rw,ro").ReadOnly);
        Assert.False(Parse("ro,rw").ReadOnly);
        Assert.True(Parse("nosuid,suid").SetId);
        Assert.False(Parse("suid,nosuid").SetId);
        Assert.True(Parse("nodev,dev").Devices);
        Assert.False(Parse("dev,nodev").Devices);
        Assert.True(Parse("exec,noexec").NoExecution);
        Assert.False(Parse("noexec,exec").NoExecution);
        Assert.True(Parse("async,sync").Synchronous);
        Assert.False(Parse("sync,async").Synchronous);
        Assert.True(Parse("acl,noacl").NoAccessControlLists);
        Assert.False(Parse("noacl,acl").NoAccessControlLists);
        Assert.Equal(AccessTimes.Never, Parse("strictatime,noatime").AccessTimes);
        Assert.Equal(AccessTimes.Strict, Parse("noatime,strictatime").AccessTimes);
        Assert.Equal(AccessTimes.Relative, Parse("noatime,relatime").AccessTimes);
        Assert.Equal("b", Parse("fsname=a,fsname=b").SourceName);
    }

    // Goal: a name holds any text, and can bring no option of its own.
    // Method: escaped and bare commas, equals signs, options inside of names.
    [Theory]
    [InlineData(@"fsname=a\,suid", "a,suid", false)]
    [InlineData("fsname=a,suid", "a", true)]
    [InlineData(@"fsname=a\\,suid", @"a\", true)]
    [InlineData(@"fsname=a\b=c d", @"a\b=c d", false)]
    public void A_name_ends_at_a_bare_comma(string text, string name, bool setId) =>
        Assert.Equal((name, setId), (Parse(text).SourceName, Parse(text).SetId));

    // Goal: what is not known is named and nothing else is.
    // Method: misspelt, empty and half options.
    [Theory]
    [InlineData("ro,loud,noexec", "loud")]
    [InlineData("RO", "RO")]
    [InlineData("ro,", "")]
    [InlineData(",", "")]
    [InlineData("ro ", "ro ")]
    [InlineData("fsname", "fsname")]
    [InlineData("fsname=", "fsname=")]
    [InlineData("fsname=a\nb", "fsname=a\nb")]
    public void An_unknown_option_is_returned(string text, string unknown) =>
        Assert.Equal(unknown, MountOptionList.Parse(text, out _));

    private static MountOptionList Parse(string text)
    {
        Assert.Null(MountOptionList.Parse(text, out MountOptionList list));
        return list;
    }
}
