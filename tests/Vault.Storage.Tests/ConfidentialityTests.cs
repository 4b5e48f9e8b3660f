using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class ConfidentialityTests
{
    // Goal: no nonce is used twice under one key: over sessions, crashes, commits that failed and were tried again, and
    // copies of the container that went back to an older state and on from there.
    // Method: an observer sees every nonce as it is drawn.
    [Fact]
    public void No_nonce_is_drawn_twice()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master);
        Observer observer = new();
        SealingSession.NonceObserver.Value = observer;
        RandomWorkload workload = new(7, 200_000);
        byte[] old = [];
        for (int session = 0; session < 5; session++)
        {
            using VaultFileSystem fileSystem = TestVault.Open(medium, master, options: TestVault.Quiet with { DirtyDataBytes = 256 * 1024 });
            workload.Run(fileSystem, 400);
            RefuseAWrite(medium, 20 + session);
            _ = fileSystem.Sync();
            medium.BeforeWrite = null;
            fileSystem.CommitAll();
            old = medium.Snapshot();
            fileSystem.WriteAll(fileSystem.CreateFile($"lost{session}"), 0, FileSystemExtensions.RandomBytes(100_000)); // no close: as if killed
        }

        // The same older state, twice, with the same work: what differs is the session.
        for (int copy = 0; copy < 2; copy++)
        {
            using VaultFileSystem fileSystem = TestVault.Open(new MemoryMedium((byte[])old.Clone()), master);
            fileSystem.WriteAll(fileSystem.CreateFile("same"), 0, FileSystemExtensions.RandomBytes(100_000));
            fileSystem.Close();
        }

        SealingSession.NonceObserver.Value = null;
        Assert.Equal(0, observer.Repeats);
        Assert.InRange(observer.Count, 500, int.MaxValue);
        Assert.InRange(observer.SaltCount, 4, int.MaxValue);
    }

    // Goal: nothing that a user puts in is found in the container, wherever it lies and whether or not it is still there.
    [Fact]
    public void No_plaintext_reaches_the_container()
    {
        byte[] canary = "canary-5e1f0c7a93b2"u8.ToArray();
        MemoryMedium medium = TestVault.Create(out MasterKey master);
        using (VaultFileSystem fileSystem = TestVault.Open(medium, master))
        {
            foreach (string suffix in (string[])["", "-deleted"])
            {
                byte[] name = [.. canary, .. suffix.Utf8()];
                InodeNumber directory = fileSystem.CreateDirectory(System.Text.Encoding.UTF8.GetString(name));
                foreach (int repeats in (int[])[1, 200, 20_000])
                {
                    byte[] content = [.. Enumerable.Repeat(canary, repeats).SelectMany(c => c)];
                    InodeNumber file = fileSystem.CreateFile($"canary-5e1f0c7a93b2-{repeats}", directory);
                    fileSystem.WriteAll(file, 0, content);
                    fileSystem.WriteAll(file, 1_000_000, canary);
                    Assert.Equal(Errno.None, fileSystem.SetXattr(file, (byte[])[.. "user."u8, .. canary], content.AsSpan(0, Math.Min(content.Length, 60_000)), XattrMode.Any));
                    fileSystem.CommitAll();
                    fileSystem.SetSize(file, canary.Length);
                }

                Assert.Equal(Errno.None, fileSystem.CreateSymlink(directory, name, name, 0, 0, out _));
                fileSystem.CommitAll();
                if (suffix.Length == 0)
                    continue;
                foreach ((string child, InodeAttributes attributes) in FileSystemDump.List(fileSystem, directory).Where(e => e.Name is not ("." or "..")))
                    Assert.Equal(Errno.None, fileSystem.Unlink(directory, child.Utf8()));
                Assert.Equal(Errno.None, fileSystem.RemoveDirectory(InodeNumber.Root, name));
            }

            fileSystem.Close();
        }

        byte[] image = medium.Snapshot();
        Assert.Equal(-1, image.AsSpan().IndexOf(canary));
        Assert.Equal(-1, image.AsSpan().IndexOf(canary.AsSpan(0, 8)));
        master.Dispose();
    }

    private static void RefuseAWrite(MemoryMedium medium, int number) => medium.BeforeWrite = _ =>
    {
        if (--number == 0)
            throw new VaultException(VaultFailure.NoSpace, "Simulated full host.");
    };

    private sealed class Observer : INonceObserver
    {
        private readonly Lock _lock = new();
        private readonly HashSet<(VaultId, UInt128, UnitKey, ulong)> _drawn = [];
        private readonly HashSet<UInt128> _salts = [];

        public int Repeats { get; private set; }

        public int Count => _drawn.Count;

        public int SaltCount => _salts.Count;

        public void OnDrawn(VaultId id, UInt128 salt, UnitKey key, ulong sequence)
        {
            lock (_lock)
            {
                _salts.Add(salt);
                if (!_drawn.Add((id, salt, key, sequence)))
                    Repeats++;
            }
        }
    }
}
