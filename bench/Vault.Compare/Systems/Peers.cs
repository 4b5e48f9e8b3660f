namespace Vault.Compare.Systems;

/// <summary>Encrypted file systems of others, with their own defaults except for the cost of the password where that is an option.</summary>
internal static class Peers
{
    internal sealed class Gocryptfs() : Peer("gocryptfs", "gocryptfs")
    {
        public override string Options => "-init -scryptn 10; -fg";

        public override void Create(Place place)
        {
            base.Create(place);
            _ = Tool.Run(place, "gocryptfs", "-q", "-init", "-scryptn", "10", "-passfile", place.Secret, place.Container);
        }

        public override Mounted Mount(Place place) =>
            ServedMount.Start(place, "", "gocryptfs", "-q", "-fg", "-nosyslog", "-passfile", place.Secret, place.Container, place.MountPoint);
    }

    internal sealed class Securefs() : Peer("securefs", "securefs")
    {
        public override string Options => "create -r 1 --keyfile; mount";

        public override void Create(Place place)
        {
            base.Create(place);
            _ = Tool.Run(place, "securefs", "create", "-r", "1", "--keyfile", place.Secret, place.Container);
        }

        public override Mounted Mount(Place place) =>
            ServedMount.Start(place, "", "securefs", "mount", "--keyfile", place.Secret, place.Container, place.MountPoint);
    }

    /// <summary>The cost of its password is no option: about a second and 512 MiB each time.</summary>
    internal sealed class Cryfs() : Peer("cryfs", "cryfs")
    {
        public override string Options => "-f (its KDF has no cheap setting)";

        public override Mounted Mount(Place place) =>
            ServedMount.Start(place, File.ReadAllText(place.Secret), "cryfs", "-f", place.Container, place.MountPoint);

        public override void Create(Place place)
        {
            base.Create(place);
            // It takes a new container where an older one was for a forged one.
            if (Directory.Exists(place.CryfsState))
                Directory.Delete(place.CryfsState, recursive: true);
            Mount(place).Unmount();
        }
    }

    internal sealed class Encfs() : Peer("encfs", "encfs")
    {
        public override string Options => "--standard (not authenticated); -f";

        public override Mounted Mount(Place place) =>
            ServedMount.Start(place, "", "encfs", "--standard", "-f", $"--extpass=cat {place.Secret}", place.Container, place.MountPoint);

        public override void Create(Place place)
        {
            base.Create(place);
            Mount(place).Unmount();
        }
    }

    /// <param name="label">Its name, which is that of its program too.</param>
    /// <param name="package">Debian's.</param>
    internal abstract class Peer(string label, string package) : FileSystem(label, Part.Peer)
    {
        public override string Version => Tool.PackageVersion(package);

        public override string? Missing => Tool.IsInstalled(Label) ? null : $"{Label} is not installed (Debian: {package})";

        public override void Create(Place place) => Directory.CreateDirectory(place.Container);
    }
}
