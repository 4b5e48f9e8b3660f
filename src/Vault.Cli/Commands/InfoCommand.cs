using System.CommandLine;
using System.Text.Json;
using Vault.Cli.Interop;
using Vault.Crypto;
using Vault.Storage;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs info VAULT</c>: needs no key, so nothing of it is authenticated.</summary>
internal static class InfoCommand
{
    public static Command Build()
    {
        Argument<string> vault = new("VAULT") { Description = "The container file" };
        Option<bool> json = new("--json") { Description = "Print an object" };
        Command command = new("info", "Show what a vault says of itself without its key") { vault, json };
        command.SetAction(result =>
        {
            TextWriter error = result.InvocationConfiguration.Error;
            string path = PathResolver.Resolve(result.GetValue(vault)!);
            VaultInfo info = Read(path, text => error.WriteLine($"vaultfs: warning: {text}"));
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(info, OutputJson.Readable.VaultInfo));
            }
            else
            {
                InfoTable.Print(info, output);
            }

            return (int)ExitCode.Success;
        });
        return command;
    }

    private static VaultInfo Read(string path, Action<string> warn)
    {
        using HeaderPeek medium = HeaderPeek.Open(path);
        HeaderReading reading = FailureMap.About(path, () => VaultContainer.ReadHeader(medium));
        UnverifiedHeader header = reading.Header
            ?? throw new CliException(ExitCode.HeaderDamaged, $"Neither copy of the header of {path} can be used.", FailureMap.AdviceFor(ExitCode.HeaderDamaged));
        int error = Libc.LinkStatus(path, out Statx status);
        if (error != 0)
        {
            throw new CliException(ExitCode.IoError, $"{path} cannot be looked at: errno {error}.");
        }

        return new VaultInfo
        {
            Vault = path,
            Id = header.Id.ToString(),
            FormatVersion = VaultHeader.FormatVersion,
            Cipher = CipherName.Of(header.Suite),
            ChunkSizeBytes = header.ChunkSizeBytes,
            HeaderSequence = header.Sequence,
            HeaderCopies = new HeaderCopyStates(HeaderCopies.StateOf(reading.CopyA), HeaderCopies.StateOf(reading.CopyB)),
            KeySlots = [.. header.Slots.Select(slot => new KeySlotView(slot.Index, HeaderCopies.NameOf(slot.Kind), slot.Argon2.MemoryKib, slot.Argon2.Iterations, slot.Argon2.Lanes))],
            ContainerBytes = status.Size,
            AllocatedBytes = status.Blocks * 512,
            Mounts = [.. UnlockedVaults.Find(warn).Where(mount => mount.Vault == path)],
        };
    }
}
