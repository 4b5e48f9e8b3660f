namespace Vault.Compare.Systems;

/// <summary>A directory of the backing file system itself.</summary>
internal sealed class PlainDirectory() : FileSystem("plain", Part.Plain)
{
    public override string Options => "no FUSE, no encryption";

    public override string Version => "";

    public override string? Missing => null;

    public override void Create(Place place) => Directory.CreateDirectory(place.Container);

    public override Mounted Mount(Place place) => new Nothing(place.Container);

    private sealed class Nothing(string directory) : Mounted(directory)
    {
        public override int? Server => null;

        public override void Unmount() { }

        public override void Abandon() { }
    }
}
