using Spectre.Console;

namespace Vault.Cli;

/// <summary><see cref="VaultInfo"/> for a person.</summary>
internal static class InfoTable
{
    public static void Print(VaultInfo info, TextWriter output)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Row("Vault", info.Vault);
        Row("Id", info.Id);
        Row("Format", $"version {info.FormatVersion}, {info.Cipher}, chunks of {info.ChunkSizeBytes / 1024} KiB");
        Row("Header", $"change {info.HeaderSequence}; copy A {info.HeaderCopies.A}, copy B {info.HeaderCopies.B}");
        foreach (KeySlotView slot in info.KeySlots)
        {
            Row($"Key slot {slot.Index}", $"{slot.Kind}; Argon2id {slot.MemoryKib / 1024} MiB, {slot.Iterations} passes, {slot.Lanes} lanes");
        }

        Row("Size", $"{Mib(info.ContainerBytes)} MiB, on disk {Mib(info.AllocatedBytes)} MiB");
        foreach (ServerStatus mount in info.Mounts)
        {
            Row("Unlocked", $"{mount.MountPoint} (server {mount.Pid?.ToString() ?? "dead"}{(mount.ReadOnly == true ? ", read-only" : "")})");
        }

        if (info.Mounts.Count == 0)
        {
            Row("Unlocked", "not by this user");
        }

        PlainConsole.For(output).Write(grid);

        void Row(string label, string value) => grid.AddRow(new Text(label), new Text(value));
    }

    private static string Mib(ulong bytes) => (bytes / (double)(1 << 20)).ToString("F1");
}
