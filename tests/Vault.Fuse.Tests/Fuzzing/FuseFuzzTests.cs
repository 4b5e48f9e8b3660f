using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using Vault.Fuse.Mount;
using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Testing.Fuzzing;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Fuzzing;

/// <summary>What the kernel says: requests, and its list of mounts.</summary>
public sealed class FuseFuzzTests(ITestOutputHelper output)
{
    private const int HeaderBytes = 40;
    private const int MostRequests = 32;
    private const int MostRequestBytes = 200_000;

    // An input is a row of requests, each as long as its own header says, to a vault with a file and a directory in it.
    [Fact]
    [Trait("fuzz", "fuse-request")]
    public void Requests()
    {
        using TestVault vault = new();
        using FuseClient client = new(vault.FileSystem);
        (ulong file, ulong directory) = SetUp(vault, client);
        byte[][] requests = [.. SampleRequests.All(file, directory).Select(r => client.Request(r.Opcode, r.Node, r.Body))];
        new Fuzzer("fuse-request", input => Serve(input), output.WriteLine)
        {
            Seeds = [.. requests, [.. requests.SelectMany(r => r)], [.. requests.Reverse().SelectMany(r => r)]],
            MostAllocatedBytes = 32 << 20,
        }.Run();
    }

    [Fact]
    [Trait("fuzz", "mountinfo")]
    public void Mount_lists() => new Fuzzer("mountinfo", input => ParseMounts(input), output.WriteLine)
    {
        Seeds = ["42 27 0:39 / /mnt/with\\040space rw shared:1 master:2 - fuse.vaultfs /home/me/a\\134b rw,user_id=0\n1 1 8:1 / / rw - ext4 /dev/sda1 rw\n"u8.ToArray()],
    }.Run();

    private static (ulong File, ulong Directory) SetUp(TestVault vault, FuseClient client)
    {
        vault.HaveHadProtectedInode();
        _ = client.Init();
        Assert.True(client.Session.ServesOpen);
        ulong file = client.CreateFile(Root, "file");
        _ = client.Write(file, 0, new byte[10_000]);
        return (file, client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId);
    }

    // FuseClient checks each reply's form; an exception would be answered EIO and logged.
    private static int Serve(byte[] input)
    {
        using TestVault vault = new();
        using FuseClient client = new(vault.FileSystem);
        _ = SetUp(vault, client);
        HashCode outcomes = default;
        ReadOnlySpan<byte> rest = input;
        for (int i = 0; i < MostRequests && !rest.IsEmpty; i++)
        {
            int length = rest.Length < 4 ? rest.Length : (int)Math.Clamp(BinaryPrimitives.ReadUInt32LittleEndian(rest), HeaderBytes, Math.Max(rest.Length, HeaderBytes));
            length = Math.Min(Math.Min(length, rest.Length), MostRequestBytes);
            outcomes.Add(client.SendRaw(rest[..length]).Errno);
            rest = rest[length..];
        }

        Assert.DoesNotContain(client.Logger.Entries, e => e.Level == LogLevel.Critical);
        return outcomes.ToHashCode();
    }

    private static (int Entries, int Vaults, int WithSpace) ParseMounts(byte[] input)
    {
        IReadOnlyList<MountInfoEntry> entries = MountInfoEntry.ParseAll(Encoding.UTF8.GetString(input).Split('\n'));
        return (entries.Count, entries.Count(e => e.IsVault), entries.Count(e => e.MountPoint.Contains(' ')));
    }
}
