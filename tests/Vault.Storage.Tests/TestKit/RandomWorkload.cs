using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

/// <summary>Random operations on a vault and on the model at once; each outcome must be what POSIX says.</summary>
/// <param name="seed">Determines the operations.</param>
/// <param name="maxFileBytes">Of a file.</param>
/// <param name="root">The directory in which all happens; null: the root.</param>
/// <param name="copiesRanges">See <see cref="WorkloadGenerator.CopiesRanges"/>.</param>
internal sealed class RandomWorkload(int seed, int maxFileBytes, InodeNumber? root = null, bool copiesRanges = true)
{
    private readonly WorkloadGenerator _generator = new(seed) { MaxFileBytes = maxFileBytes, CopiesRanges = copiesRanges };
    private (VaultFileSystem FileSystem, VaultDriver Driver)? _session;

    public ModelFileSystem Model => _generator.Shadow;

    /// <summary>A file system other than the last one is the same vault, opened again.</summary>
    public void Run(VaultFileSystem fileSystem, int steps)
    {
        if (_session?.FileSystem != fileSystem)
        {
            Model.CloseAll();
            _session = (fileSystem, new VaultDriver(fileSystem, root ?? InodeNumber.Root));
        }

        for (int i = 0; i < steps; i++)
        {
            Operation operation = _generator.Next();
            Assert.Equal(_generator.LastOutcome, _session.Value.Driver.Apply(operation));
            if (operation.Kind == OperationKind.Read && _generator.LastOutcome == Errno.None)
                Assert.True(Model.ReadOf(operation).SequenceEqual(_session.Value.Driver.LastRead), "Wrong data was read.");
        }
    }
}
