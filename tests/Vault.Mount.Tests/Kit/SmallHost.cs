namespace Vault.Mount.Tests.Kit;

/// <summary>A test vault on a host file system of a given size.</summary>
internal sealed class SmallHost : IDisposable
{
    public SmallHost(string size)
    {
        Requires.Fuse();
        Requires.Root();
        Path = Shell.Bash($"d=$(mktemp -d /var/tmp/vaultfs-host-XXXXXX); mount -t tmpfs -o size={size} none $d; echo $d").Succeed().Output.Trim();
        Vault = new TestVault(Path);
    }

    public string Path { get; }

    public TestVault Vault { get; }

    public void Dispose()
    {
        Vault.Dispose();

        // Threads of a server that was killed may hold its files for a moment after its process counts as gone.
        Shell.Bash($"for i in $(seq 100); do umount {Path} && break; sleep 0.1; done; rmdir {Path}").Succeed();
    }
}
