using System.CommandLine;
using Vault.Crypto;

namespace Vault.Cli.Commands;

/// <summary>The options that shape a new vault.</summary>
internal sealed class CreateOptions
{
    private const int DefaultChunkKib = 32;
    private const uint LanesCount = 4;
    private static readonly TimeSpan CalibrationTarget = TimeSpan.FromSeconds(1);

    private readonly Option<string> _cipher = new("--cipher")
    {
        Description = "aes-256-gcm, chacha20-poly1305, or auto: the faster of the two here",
        HelpName = "CIPHER",
        DefaultValueFactory = _ => CipherName.Automatic,
    };

    private readonly Option<int> _chunkKib = new("--chunk-size")
    {
        Description = "KiB of file data that are sealed as one piece: 4, 8, 16, 32, 64 or 128",
        HelpName = "KIB",
        DefaultValueFactory = _ => DefaultChunkKib,
    };

    private readonly Option<uint?> _kdfMemoryMib = new("--kdf-memory")
    {
        Description = "MiB of memory that one guess of the passphrase costs (default: chosen to take about a second, at least 256)",
        HelpName = "MIB",
    };

    private readonly Option<uint?> _kdfIterations = new("--kdf-iterations")
    {
        Description = "Passes over that memory",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        _ = _cipher.AcceptOnlyFromAmong([CipherName.Automatic, .. CipherName.Known]);
        _chunkKib.Validators.Add(result =>
        {
            int value = result.GetValueOrDefault<int>();
            if (value is < 4 or > 128 || (value & (value - 1)) != 0)
            {
                result.AddError("--chunk-size must be 4, 8, 16, 32, 64 or 128 (KiB).");
            }
        });
        command.Options.Add(_cipher);
        command.Options.Add(_chunkKib);
        command.Options.Add(_kdfMemoryMib);
        command.Options.Add(_kdfIterations);
    }

    /// <summary>Decides; measures this machine where nothing was given.</summary>
    /// <exception cref="CliException">The cost is outside the format's bounds.</exception>
    public HeaderOptions Read(ParseResult result) =>
        new(result.GetValue(_chunkKib) * 1024, CipherName.Parse(result.GetValue(_cipher)!), ReadCost(result));

    /// <summary>What a vault gets that is created without any of the options.</summary>
    public static HeaderOptions Default() =>
        new(DefaultChunkKib * 1024, CipherName.Parse(CipherName.Automatic), Argon2Parameters.Calibrate(CalibrationTarget, TimeProvider.System));

    private Argon2Parameters ReadCost(ParseResult result)
    {
        uint? memoryMib = result.GetValue(_kdfMemoryMib);
        uint? iterations = result.GetValue(_kdfIterations);
        if (memoryMib is null && iterations is null)
        {
            return Argon2Parameters.Calibrate(CalibrationTarget, TimeProvider.System);
        }

        // Without the other one: the second recommended option of RFC 9106, section 4, with more memory.
        ulong memoryKib = (memoryMib ?? 256) * 1024UL;
        Argon2Parameters cost = new((uint)Math.Min(memoryKib, uint.MaxValue), iterations ?? 3, LanesCount);
        return cost.IsWithinBounds
            ? cost
            : throw new CliException(ExitCode.Usage, $"A key slot of {memoryKib / 1024} MiB and {cost.Iterations} passes is outside the format's bounds.", "docs/cli.md lists them. The default is a good choice.");
    }
}
