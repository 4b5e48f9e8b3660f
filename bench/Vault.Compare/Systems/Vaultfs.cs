using System.Diagnostics;
using System.Text.Json;
using Vault.Compare.Interop;

namespace Vault.Compare.Systems;

/// <summary>vaultfs of a checkout. The build that its launcher chooses is copied first: sources may change during a run.</summary>
/// <param name="label">Its name in the table.</param>
/// <param name="checkout">The directory with the launcher.</param>
/// <param name="unlockOptions">Added to <c>unlock</c>.</param>
internal sealed class Vaultfs(string label, string checkout, IReadOnlyList<string> unlockOptions) : FileSystem(label, Part.Vaultfs)
{
    private string _program = Path.Combine(checkout, "vaultfs");
    private string _version = "";

    public override string Options => $"create --kdf-memory 64 --kdf-iterations 1; {string.Join(' ', ["unlock", .. unlockOptions])}";

    public override string Version => _version;

    public override string? Missing => File.Exists(Path.Combine(checkout, "vaultfs")) ? null : $"{checkout} has no vaultfs";

    public override void Prepare(Place place)
    {
        _version = $"{Tool.Run(place, _program, "--version").Trim()} {Commit()}".Trim();
        Create(place);
        Mounted mount = Mount(place);
        string build = Path.GetDirectoryName(File.ResolveLinkTarget($"/proc/{mount.Server}/exe", returnFinalTarget: true)!.FullName)!;
        mount.Unmount();
        place.RemoveContainer();
        string copy = Path.Combine(place.Programs, Path.GetFileName(build) + "-" + Label.Replace('/', '-'));
        _ = Tool.Run(null, "cp", "-a", build, copy);
        _program = Path.Combine(copy, "vaultfs");
    }

    public override void Create(Place place) =>
        Tool.Run(place, _program, "create", place.Container, "--passphrase-file", place.Secret, "--kdf-memory", "64", "--kdf-iterations", "1");

    public override Mounted Mount(Place place)
    {
        long started = Stopwatch.GetTimestamp();
        _ = Tool.Run(place, _program, ["unlock", place.Container, place.MountPoint, "--passphrase-file", place.Secret, .. unlockOptions]);
        return new Unlocked(this, place, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private string Commit()
    {
        try
        {
            return Tool.Run(null, "git", "-C", checkout, "describe", "--always", "--dirty", "--abbrev=10").Trim();
        }
        catch (Exception failure) when (failure is IOException or System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }

    private sealed class Unlocked : Mounted
    {
        private readonly Vaultfs _vaultfs;
        private readonly Place _place;
        private readonly int _server;

        public Unlocked(Vaultfs vaultfs, Place place, double seconds) : base(place.MountPoint)
        {
            UnlockSeconds = seconds;
            _vaultfs = vaultfs;
            _place = place;
            using JsonDocument list = JsonDocument.Parse(Tool.Run(place, vaultfs._program, "list", "--json"));
            _server = Find(list.RootElement).GetProperty("pid").GetInt32();
        }

        public override int? Server => _server;

        public override void Unmount() => Tool.Run(_place, _vaultfs._program, "lock", Directory);

        public override void Abandon()
        {
            Detach.Lazily(Directory);
            Posix.Kill(_server);
        }

        private JsonElement Find(JsonElement list) => list.EnumerateArray().Single(vault => vault.GetProperty("mountpoint").GetString() == Directory);
    }
}
