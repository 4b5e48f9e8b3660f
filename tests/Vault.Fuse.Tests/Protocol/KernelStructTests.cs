using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vault.Fuse.Interop;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Tests.Protocol;

public sealed class KernelStructTests(KernelStructTests.Fixture fixture) : IClassFixture<KernelStructTests.Fixture>
{
    /// <summary>The header, compiled once.</summary>
    public sealed class Fixture
    {
        internal KernelHeader Header { get; } = KernelHeader.Read();
    }

    public static TheoryData<string> Structures() =>
        [.. typeof(FuseInHeader).Assembly.GetTypes().Where(type => type.GetCustomAttribute<KernelStructAttribute>() is not null).Select(type => type.Name)];

    public static TheoryData<string> Enums() =>
        [.. typeof(FuseInHeader).Assembly.GetTypes().Where(type => type.GetCustomAttribute<KernelConstantsAttribute>() is not null).Select(type => type.Name)];

    // Goal: each structure has the kernel's size, and the size that its attribute promises.
    // Method: sizeof from a compiled C program.
    [Theory]
    [MemberData(nameof(Structures))]
    public void Structure_has_the_size_of_the_header(string name)
    {
        Type type = Find(name);
        KernelStructAttribute attribute = type.GetCustomAttribute<KernelStructAttribute>()!;
        Assert.Equal(attribute.Size, Marshal.SizeOf(type));
        if (IsNewerThanHeader(type))
            return;
        long size = fixture.Header.Values[$"sizeof {attribute.Name}"];
        if (attribute.Name == "fuse_direntplus")
            Assert.Equal(fixture.Header.Values["offsetof fuse_direntplus.dirent"] + fixture.Header.Values["offsetof fuse_dirent.name"], attribute.Size);
        else
            Assert.Equal(size, attribute.Size);
    }

    // Goal: each public field lies where the kernel has it, and no field of the kernel's is left out.
    // Method: offsetof from a compiled C program; names are compared without underscores and case.
    [Theory]
    [MemberData(nameof(Structures))]
    public void Fields_lie_where_the_header_has_them(string name)
    {
        Type type = Find(name);
        if (IsNewerThanHeader(type))
            return; // the fields of STATX have a test of their own
        string structure = type.GetCustomAttribute<KernelStructAttribute>()!.Name;
        string prefix = $"offsetof {structure}.";
        Dictionary<string, long> expected = fixture.Header.Values
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(pair => !IsUnused(pair.Key[prefix.Length..]) && pair.Key != "offsetof fuse_dirent.name")
            .ToDictionary(pair => Normalize(pair.Key[prefix.Length..]), pair => pair.Value);
        Dictionary<string, long> actual = type.GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Where(field => !IsUnused(field.Name))
            .ToDictionary(field => Normalize(field.Name), field => (long)Marshal.OffsetOf(type, field.Name));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.OrderBy(pair => pair.Value), actual.OrderBy(pair => pair.Value));
    }

    // Goal: no hidden padding, through which memory could leak to the kernel.
    // Method: the sizes of all fields, private ones too, add up to the size of the structure.
    [Theory]
    [MemberData(nameof(Structures))]
    public void Padding_is_explicit(string name)
    {
        Type type = Find(name);
        int sum = type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Sum(field => SizeOf(field.FieldType));
        Assert.Equal(Marshal.SizeOf(type), sum);
    }

    // Goal: every constant has the kernel's value.
    // Method: values from a compiled C program; names are compared without underscores and case.
    [Theory]
    [MemberData(nameof(Enums))]
    public void Constants_have_the_values_of_the_header(string name)
    {
        Type type = Find(name);
        string prefix = type.GetCustomAttribute<KernelConstantsAttribute>()!.Prefix;
        Dictionary<string, long> header = HeaderConstants();
        Assert.NotEmpty(Enum.GetNames(type));
        foreach (string member in Enum.GetNames(type).Where(member => !IsNewerThanHeader(type.GetField(member)!)))
        {
            ulong value = Convert.ToUInt64(Enum.Parse(type, member), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(header.TryGetValue(Normalize(prefix + member), out long expected), $"{prefix}{member} is not in the header.");
            Assert.True((ulong)expected == value, $"{prefix}{member} is {expected} in the header, but {value} here.");
        }
    }

    // Goal: loose numbers are the kernel's too.
    // Method: as above.
    [Fact]
    public void Numbers_have_the_values_of_the_header()
    {
        Dictionary<string, long> header = HeaderConstants();
        Assert.Equal(FuseProtocol.Major, header["fusekernelversion"]);
        Assert.Equal((long)FuseProtocol.RootId, header["fuserootid"]);
        Assert.Equal(FuseProtocol.MinReadBufferBytes, header["fuseminreadbuffer"]);
        Assert.Equal(DeviceCalls.CloneRequest, header["fusedeviocclone"]);
        Assert.True(FuseProtocol.Minor <= header["fusekernelminorversion"], "A version is claimed that the installed header cannot prove.");
    }

    // Goal: what the installed header is too old for is proved too.
    // Method: fuse_statx is made like the system call's structure, whose offsets a compiled C program prints.
    [Fact]
    public void Statx_has_the_layout_of_the_system_call()
    {
        FieldInfo[] fields = typeof(FuseStatx).GetFields(BindingFlags.Public | BindingFlags.Instance);
        string[] lines = [.. fields.Select(field => $"P(\"{field.Name}\", offsetof(struct statx, stx_{CName(field.Name)}));")];
        Dictionary<string, long> expected = CProgram.CompileAndRun($$"""
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <stdio.h>
            #include <sys/stat.h>
            #define P(label, value) printf(label " %lld\n", (long long)(value))
            int main(void) { {{string.Join('\n', lines)}}
            P("statx", sizeof(struct statx)); P("time", sizeof(struct statx_timestamp));
            P("nanoseconds", offsetof(struct statx_timestamp, tv_nsec)); P("mask", STATX_BASIC_STATS | STATX_BTIME); return 0; }
            """);
        foreach (FieldInfo field in fields)
            Assert.Equal((field.Name, expected[field.Name]), (field.Name, (long)Marshal.OffsetOf<FuseStatx>(field.Name)));
        Assert.Equal(expected["statx"], Marshal.SizeOf<FuseStatx>());
        Assert.Equal(expected["time"], Marshal.SizeOf<FuseSxTime>());
        Assert.Equal(expected["nanoseconds"], (long)Marshal.OffsetOf<FuseSxTime>(nameof(FuseSxTime.TvNsec)));
        Assert.Equal(FuseStatx.BasicStatsAndBirthTime, expected["mask"]);
    }

    private static string CName(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{c}" : $"{c}")).ToLowerInvariant();

    private bool IsNewerThanHeader(MemberInfo member) =>
        member.GetCustomAttribute<KernelSinceAttribute>() is { } since && since.Minor > HeaderConstants()["fusekernelminorversion"];

    private static bool IsUnused(string field) =>
        Normalize(field) is "padding" or "unused" or "unused4" or "unused5" or "dummy" or "spare";

    private static string Normalize(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static Type Find(string name) => typeof(FuseInHeader).Assembly.GetTypes().Single(type => type.Name == name);

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private Dictionary<string, long> HeaderConstants() => fixture.Header.Values
        .Where(pair => pair.Key.StartsWith("constant ", StringComparison.Ordinal))
        .ToDictionary(pair => Normalize(pair.Key["constant ".Length..]), pair => pair.Value);
}
