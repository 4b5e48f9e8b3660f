using System.IO.Compression;

namespace Vault.Compare.Systems;

/// <summary>libfuse's example passthrough_ll, compiled from Debian's package of examples: what FUSE costs without encryption.</summary>
internal sealed class Passthrough(string artifacts) : FileSystem("passthrough_ll", Part.Passthrough)
{
    private const string Source = "/usr/share/doc/libfuse3-dev/examples/passthrough_ll.c";

    private string Program => Path.Combine(artifacts, "passthrough_ll");

    public override string Options => "-o writeback,cache=always";

    public override string Version => "libfuse " + Tool.PackageVersion("libfuse3-dev");

    public override string? Missing =>
        !File.Exists(Source) && !File.Exists(Source + ".gz") ? "its source is not installed (Debian: libfuse3-dev)"
        : !Tool.IsInstalled("gcc") || !Tool.IsInstalled("pkg-config") ? "there is no compiler (Debian: gcc pkg-config)"
        : null;

    public override void Prepare(Place place)
    {
        _ = Directory.CreateDirectory(artifacts);
        string source = Path.Combine(artifacts, "passthrough_ll.c");
        if (File.Exists(Source))
            File.Copy(Source, source, overwrite: true);
        else
            Unpack(source);
        // The example includes a header beside it.
        string examples = Path.GetDirectoryName(Source)!;
        _ = Tool.Run(null, "/bin/sh", "-c", $"gcc -O2 -w -I '{examples}' -o '{Program}' '{source}' $(pkg-config fuse3 --cflags --libs)");
    }

    public override void Create(Place place) => Directory.CreateDirectory(place.Container);

    public override Mounted Mount(Place place) =>
        ServedMount.Start(place, "", Program, "-f", "-o", $"writeback,cache=always,source={place.Container}", place.MountPoint);

    private static void Unpack(string target)
    {
        using FileStream packed = File.OpenRead(Source + ".gz");
        using GZipStream unpacked = new(packed, CompressionMode.Decompress);
        using FileStream output = File.Create(target);
        unpacked.CopyTo(output);
    }
}
