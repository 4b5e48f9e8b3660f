using System.Text;
using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;
using Vault.Storage;
using Xunit;

namespace Vault.Cli.Tests.Salvage;

public sealed class HostSalvageSinkTests : IDisposable
{
    private const uint RegularFile = 0x8000;
    private const uint Fifo = 0x1000;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _problems = [];
    private readonly HostSalvageSink _sink;

    public HostSalvageSinkTests() =>
        _sink = HostSalvageSink.Open(Target, (path, detail) => _problems.Add($"{EscapedName.Of(path)}: {detail}"));

    private string Target => _directory.File("target");

    public void Dispose()
    {
        _sink.Dispose();
        _directory.Dispose();
    }

    // Goal: nothing is ever written outside of the target, not even through a symlink that was salvaged before.
    // Method: a symlink to a directory outside and one to a file outside, then every call with a path through or at them.
    [Fact]
    public void Nothing_is_written_through_a_symlink()
    {
        string outside = Directory.CreateDirectory(_directory.File("outside")).FullName;
        string file = _directory.Write("outside/file", "untouched");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        _sink.CreateSymlink("out"u8, Encoding.UTF8.GetBytes(outside));
        _sink.CreateSymlink("link"u8, Encoding.UTF8.GetBytes(file));
        Write("mine", "text"u8);

        _sink.CreateDirectory("out"u8);
        _sink.CreateDirectory("out/directory"u8);
        Assert.False(_sink.BeginFile("out/new"u8, 1));
        Assert.False(_sink.BeginFile("link"u8, 1));
        _sink.CreateSymlink("out/symlink"u8, "x"u8);
        _sink.CreateSpecial("out/fifo"u8, Attributes(Fifo | 0x1ff));
        _sink.CreateLink("mine"u8, "out/hard"u8);
        _sink.CreateLink("out/file"u8, "hard"u8);
        _sink.SetXattr("out/file"u8, "user.x"u8, "y"u8);
        _sink.SetXattr("link"u8, "user.x"u8, "y"u8);
        _sink.SetAttributes("out/file"u8, Attributes(RegularFile | 0x1ff));
        _sink.SetAttributes("link"u8, Attributes(RegularFile | 0x1ff));

        Assert.Equal([file], Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal("untouched", File.ReadAllText(file));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(file));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file));
        Assert.Equal(_problems.Count, _sink.ProblemCount);
        Assert.True(_problems.Count >= 8, string.Join('\n', _problems));
    }

    // Goal: a path that could lead out by itself is refused, whoever hands it in.
    // Method: each forbidden component, at each place.
    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/etc")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("../b")]
    [InlineData("a\0b")]
    public void A_path_that_leads_out_is_a_bug(string path)
    {
        _sink.CreateDirectory("a"u8);
        byte[] bytes = Encoding.UTF8.GetBytes(path);

        Assert.Throws<ArgumentException>(() => _sink.CreateDirectory(bytes));
        Assert.Throws<ArgumentException>(() => _sink.BeginFile(bytes, 0));
        Assert.Throws<ArgumentException>(() => _sink.SetAttributes(bytes, Attributes(RegularFile)));
    }

    // Goal: content comes out byte for byte, and what is zero takes no space.
    // Method: 1 MiB of which three odd places are data, in pieces that do not match blocks.
    [Fact]
    public void Content_is_exact_and_zeros_are_holes()
    {
        byte[] content = new byte[1 << 20];
        content[5] = 1;
        content.AsSpan(100_000, 5000).Fill(2);
        content[^1] = 3;

        Assert.True(_sink.BeginFile("file"u8, content.Length + 10));
        for (int offset = 0; offset < content.Length; offset += 30_000)
        {
            _sink.Write(offset, content.AsSpan(offset, Math.Min(30_000, content.Length - offset)));
        }

        _sink.EndFile();

        Assert.Equal([.. content, .. new byte[10]], File.ReadAllBytes(Path.Combine(Target, "file")));
        Assert.Equal(0, Libc.LinkStatus(Path.Combine(Target, "file"), out Statx status));
        Assert.InRange(status.Blocks * 512, 1UL, 64UL * 1024);
    }

    // Goal: permissions, times and hard links are as they were; owners and set-user-id bits as far as this user may set them.
    // Method: set each, and look; as root with another owner, else with another owner that cannot be set.
    [Fact]
    public void Attributes_are_kept()
    {
        bool isRoot = Libc.geteuid() == 0;
        Write("file", "text"u8);
        _sink.CreateLink("file"u8, "second"u8);
        InodeAttributes attributes = Attributes(RegularFile | 0xde8) with { UserId = 4321, GroupId = 4322 };
        _sink.SetOwner("file"u8, attributes);
        _sink.SetAttributes("file"u8, attributes);

        Assert.Equal(0, Libc.LinkStatus(Path.Combine(Target, "second"), out Statx status));
        Assert.Equal(isRoot ? 0xde8 : 0x1e8, status.Mode & 0xfff);
        Assert.Equal(2u, status.LinkCount);
        Assert.Equal(isRoot ? (4321u, 4322u) : (Libc.geteuid(), Libc.getegid()), (status.UserId, status.GroupId));
        Assert.Equal(isRoot ? 0 : 1, _sink.OtherOwnerCount);
        Assert.Equal(new DateTime(1960, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(1), File.GetLastWriteTimeUtc(Path.Combine(Target, "second")));
        Assert.Empty(_problems);
    }

    // Goal: names are any bytes and paths of any depth.
    // Method: a name that is no UTF-8, twenty directories of long names one in the other, a file at the bottom.
    [Fact]
    public void Names_are_bytes_and_paths_have_no_bound()
    {
        byte[] odd = [0xff, 0x0a, 0xc3, (byte)'x'];
        _sink.CreateDirectory(odd);
        byte[] path = odd;
        for (int i = 0; i < 20; i++)
        {
            path = [.. path, (byte)'/', .. new string('d', 250).Select(c => (byte)c)];
            _sink.CreateDirectory(path);
        }

        Assert.True(_sink.BeginFile([.. path, .. "/file"u8], 0));
        _sink.EndFile();

        Assert.Empty(_problems);
        Assert.Equal(0, LibcTree.OpenRoot(Target, out SafeFileHandle root));
        using (root)
        {
            using TreeCursor cursor = new(root);
            Assert.Equal(0, cursor.Find([.. path, .. "/file"u8], out SafeFileHandle parent, out ReadOnlySpan<byte> name));
            Assert.Equal(0, LibcTree.OpenNode(parent, name, out SafeFileHandle file));
            file.Dispose();
        }

        // The test's own clean-up cannot reach that deep by paths.
        Assert.Equal(0, RunRemove(Target));
    }

    // Goal: what the host refuses is told with its path and left out, once, and the rest goes on.
    // Method: a name that is too long, with content and attributes; a name that is taken; a name below a file.
    [Fact]
    public void What_the_host_refuses_is_told_once()
    {
        byte[] tooLong = [.. new string('n', 256).Select(c => (byte)c)];
        Write("file", "first"u8);

        Assert.False(_sink.BeginFile(tooLong, 1));
        Assert.False(_sink.BeginFile("file"u8, 1));
        _sink.CreateDirectory("file"u8);
        _sink.CreateDirectory("file/below"u8);
        _sink.SetAttributes("missing"u8, Attributes(RegularFile));
        _sink.SetXattr("missing"u8, "user.x"u8, default);

        Assert.Equal(4, _sink.ProblemCount);
        Assert.StartsWith(new string('n', 256) + ": The file cannot be made: File name too long", _problems[0], StringComparison.Ordinal);
        Assert.StartsWith("file: The file cannot be made: File exists", _problems[1], StringComparison.Ordinal);
        Assert.StartsWith("file: The directory cannot be made", _problems[2], StringComparison.Ordinal);
        Assert.StartsWith("file/below: The directory cannot be made", _problems[3], StringComparison.Ordinal);
        Assert.Equal("first", File.ReadAllText(Path.Combine(Target, "file")));
    }

    // Goal: only an empty directory is written to, and a new one is for its user alone.
    // Method: the directory made by the constructor; one with a file; a file.
    [Fact]
    public void Only_an_empty_directory_is_taken()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Target));
        string file = _directory.Write("target/file", "text");

        Assert.Equal(ExitCode.AlreadyExists, Assert.Throws<CliException>(() => HostSalvageSink.CheckTarget(Target)).ExitCode);
        Assert.Equal(ExitCode.AlreadyExists, Assert.Throws<CliException>(() => HostSalvageSink.CheckTarget(file)).ExitCode);
        Assert.Equal(ExitCode.AlreadyExists, Assert.Throws<CliException>(() => HostSalvageSink.Open(file, (_, _) => { })).ExitCode);
        HostSalvageSink.CheckTarget(_directory.File("missing"));
    }

    private static InodeAttributes Attributes(uint mode) => new()
    {
        Mode = mode,
        UserId = Libc.geteuid(),
        GroupId = Libc.getegid(),
        AccessTime = new Timestamp(1, 2),
        ModifyTime = new Timestamp(-315619200, 100),
    };

    private static int RunRemove(string path)
    {
        using System.Diagnostics.Process remove = System.Diagnostics.Process.Start("rm", ["-rf", path]);
        remove.WaitForExit();
        return remove.ExitCode;
    }

    private void Write(string path, ReadOnlySpan<byte> content)
    {
        Assert.True(_sink.BeginFile(Encoding.UTF8.GetBytes(path), content.Length));
        _sink.Write(0, content);
        _sink.EndFile();
    }
}
