using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class InitTests : IDisposable
{
    private readonly TestVault _vault = new();

    public void Dispose() => _vault.Dispose();

    // Goal: what is accepted is offered and wanted; above all never what loses data.
    // Method: offer everything.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Init_accepts_what_is_wanted_and_nothing_else(bool writebackCache)
    {
        using var client = new FuseClient(_vault.FileSystem, writebackCache);
        Answer answer = client.Init();
        Assert.Equal(Errno.None, answer.Errno);
        Assert.Equal(64, answer.Body.Length);
        FuseInitOut reply = answer.As<FuseInitOut>();
        Assert.Equal(FuseProtocol.Major, reply.Major);
        Assert.Equal(FuseProtocol.Minor, reply.Minor);
        Assert.Equal(1u << 20, reply.MaxWrite);
        Assert.Equal(256, reply.MaxPages);
        Assert.Equal(1u, reply.TimeGran);
        Assert.Equal(128, reply.MaxBackground);
        Assert.Equal(96, reply.CongestionThreshold);
        Assert.Equal(128u << 10, reply.MaxReadahead);
        var flags = (FuseInitFlags)(reply.Flags | ((ulong)reply.Flags2 << 32));
        Assert.Equal(writebackCache, flags.HasFlag(FuseInitFlags.WritebackCache));
        Assert.Equal(writebackCache, client.Session.HasWritebackCache);
        Assert.True(client.Session.HasSetxattrExt);
        FuseInitFlags harmful = FuseInitFlags.AtomicOTrunc | FuseInitFlags.AutoInvalData
            | FuseInitFlags.PosixLocks | FuseInitFlags.FlockLocks | FuseInitFlags.SpliceRead | FuseInitFlags.SpliceWrite
            | FuseInitFlags.SpliceMove | FuseInitFlags.HandleKillpriv | FuseInitFlags.SecurityCtx;
        Assert.Equal((FuseInitFlags)0, flags & harmful);
    }

    // Goal: access control lists come together with the umask, or not at all.
    // Method: wanted or not; offered both, or one without the other.
    [Theory]
    [InlineData(true, uint.MaxValue, true)]
    [InlineData(false, uint.MaxValue, false)]
    [InlineData(true, ~(uint)FuseInitFlags.DontMask, false)]
    [InlineData(true, ~(uint)FuseInitFlags.PosixAcl, false)]
    public void Init_takes_access_control_lists_only_with_the_umask(bool wanted, uint offered, bool taken)
    {
        using var client = new FuseClient(_vault.FileSystem, acls: wanted);
        var flags = (FuseInitFlags)client.Init(flags: offered).As<FuseInitOut>().Flags;
        Assert.Equal((taken, taken), (flags.HasFlag(FuseInitFlags.PosixAcl), flags.HasFlag(FuseInitFlags.DontMask)));
        Assert.Equal(taken, client.Session.HasAcls);
    }

    // Goal: nothing is accepted that was not offered.
    // Method: offer each bit alone.
    [Fact]
    public void Init_accepts_only_what_is_offered()
    {
        for (int bit = 0; bit < 32; bit++)
        {
            using var client = new FuseClient(_vault.FileSystem);
            uint accepted = client.Init(flags: 1u << bit).As<FuseInitOut>().Flags;
            Assert.Equal(0u, accepted & ~(1u << bit));
        }
    }

    // Goal: a kernel whose structures would be others is refused, with a reason for people.
    // Method: the last version that is too old, and the first that is not.
    [Fact]
    public void Init_refuses_old_kernels()
    {
        using var old = new FuseClient(_vault.FileSystem);
        Assert.Equal(Errno.EIO, old.Init(minor: 30).Errno);
        Assert.Contains("7.30", old.Session.InitFailure, StringComparison.Ordinal);
        Assert.False(old.Session.IsInitialized);
        Assert.True(old.Session.WaitForInit(TimeSpan.Zero));

        using var oldest = new FuseClient(_vault.FileSystem);
        Assert.Equal(31u, oldest.Init(minor: 31).As<FuseInitOut>().Minor);
        Assert.True(oldest.Session.IsInitialized);
    }

    // Goal: a kernel of a later major version is told ours and asks again.
    // Method: both requests.
    [Fact]
    public void Init_answers_a_later_major_version_with_ours()
    {
        using var client = new FuseClient(_vault.FileSystem);
        Assert.Equal(7u, client.Init(major: 8).As<FuseInitOut>().Major);
        Assert.False(client.Session.IsInitialized);
        Assert.Equal(Errno.None, client.Init().Errno);
        Assert.True(client.Session.IsInitialized);
    }

    // Goal: the short request of kernels before 7.36 is understood, a shorter one is not, and INIT comes once.
    // Method: 16 bytes, 15 bytes, and a second INIT.
    [Fact]
    public void Init_takes_the_short_form_once()
    {
        byte[] body = Bytes.New.U32(7).U32(31).U32(4096).U32((uint)FuseInitFlags.SetxattrExt).ToArray();
        using var client = new FuseClient(_vault.FileSystem);
        Assert.Equal(Errno.EINVAL, client.Send(FuseOpcode.Init, 0, body[..15]).Errno);
        Assert.Equal(Errno.None, client.Send(FuseOpcode.Init, 0, body).Errno);
        Assert.True(client.Session.HasSetxattrExt);
        Assert.Equal(Errno.EINVAL, client.Send(FuseOpcode.Init, 0, body).Errno);
    }
}
