using Vault.Crypto;

namespace Vault.Storage.Tests.Adversary;

/// <summary>
/// Opens damaged copies of a vault and holds what comes out against its history. Allowed is right data of one state, or a
/// typed error for what is affected; and a session that goes on writing makes nothing worse.
/// </summary>
internal sealed class Attacker(VaultHistory history)
{
    /// <summary>Managed bytes of opening and reading such a vault stay far below it, whatever the image says.</summary>
    private const long MostAllocatedBytes = 4 << 20;

    private static readonly byte[] s_newContent = FileSystemExtensions.RandomBytes(10_000, 99);
    private static readonly byte[] s_overwrite = FileSystemExtensions.RandomBytes(3_000, 98);

    private long _refused;
    private long _withErrors;
    private long _clean;
    private long _written;

    public long Attempts => _refused + _withErrors + _clean;

    public override string ToString() =>
        $"{Attempts} attempts: {_refused} refused, {_withErrors} read with errors, {_clean} read completely; {_written} of them written to";

    /// <summary>Fails unless the attacks so far hit enough to show anything.</summary>
    public void AssertHits(long refused, long withErrors) => Assert.True(_refused >= refused && _withErrors >= withErrors, ToString());

    /// <summary>Opens a damaged copy read-only and reads everything.</summary>
    /// <param name="damage">Makes the copy, each time anew.</param>
    /// <param name="alsoWrite">Opens another such copy for writing too, works on it and opens it again.</param>
    /// <param name="isInPlace">The newest state's blocks were damaged where they lie: taking the damage back must mend all.</param>
    public void Try(Func<OverlayMedium> damage, bool alsoWrite = false, bool isInPlace = false)
    {
        OverlayMedium medium = damage();
        long before = GC.GetAllocatedBytesForCurrentThread();
        VaultContents? contents = Read(medium, out ulong generation);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocatedBytes);
        Interlocked.Increment(ref contents is null ? ref _refused : ref contents.HasErrors ? ref _withErrors : ref _clean);
        if (alsoWrite && contents is not null)
            Write(damage(), contents, generation, isInPlace);
    }

    private VaultContents? Read(OverlayMedium medium, out ulong generation)
    {
        medium.IsReadOnly = true;
        generation = 0;
        VaultFileSystem fileSystem;
        try
        {
            fileSystem = VaultContainer.Open(medium, history.Master, TestVault.Quiet with { ReadOnly = true }, out OpeningReport report);
            generation = report.Generation;
        }
        catch (VaultException)
        {
            return null;
        }

        using (fileSystem)
        {
            VaultContents contents = VaultContents.Of(fileSystem);
            contents.AssertRightOrError(history.ContentsOf(generation));
            return contents;
        }
    }

    private void Write(OverlayMedium medium, VaultContents before, ulong generation, bool isInPlace)
    {
        RecordingLogger logger = new();
        VaultFileSystem fileSystem;
        try
        {
            fileSystem = VaultContainer.Open(medium, history.Master, TestVault.Quiet with { Logger = logger }, out _);
        }
        catch (VaultException)
        {
            return;
        }

        VaultContents live;
        bool isSynced;
        using (fileSystem)
        {
            if (fileSystem.IsReadOnly)
                return;
            Interlocked.Increment(ref _written);
            Dictionary<string, byte[]> done = Work(fileSystem, before);
            isSynced = fileSystem.Sync() == Errno.None;
            live = VaultContents.Of(fileSystem);
            live.AssertNothingLost(before, IsUntouched);
            foreach ((string key, byte[] value) in done)
                Assert.True(!live.Items.TryGetValue(key, out byte[]? now) || now.AsSpan().SequenceEqual(value), $"{key.Replace('\0', ' ')} was written and reads otherwise.");
            isSynced &= TryClose(fileSystem);
        }

        logger.AssertNoBugs();
        CheckAfter(medium, before, live, generation, isSynced);
        if (!isSynced || !isInPlace || generation != history.Newest.Generation)
            return;
        medium.Heal();
        VaultAudit.Check(medium.Snapshot(), history.Master, allowsLeaks: true);
    }

    private static bool TryClose(VaultFileSystem fileSystem)
    {
        try
        {
            fileSystem.Close();
            return true;
        }
        catch (VaultException)
        {
            return false;
        }
    }

    // What was there before the session is there after it; what it synced too.
    private void CheckAfter(OverlayMedium medium, VaultContents before, VaultContents live, ulong generation, bool isSynced)
    {
        medium.IsReadOnly = true;
        using VaultFileSystem again = VaultContainer.Open(medium, history.Master, TestVault.Quiet with { ReadOnly = true }, out OpeningReport report);
        VaultContents after = VaultContents.Of(again);
        if (isSynced)
        {
            after.AssertNothingLost(live, _ => true);
            return;
        }

        Assert.True(report.Generation >= generation, "An older state than before opened.");
        bool isSame = report.Generation == generation;
        after.AssertNothingLost(before, key => isSame || IsUntouched(key));
        if (isSame)
            after.AssertRightOrError(history.ContentsOf(generation));
    }

    private static bool IsUntouched(string key) => key[0] is '/'
        && !key.StartsWith("/new", StringComparison.Ordinal)
        && !key.StartsWith("/chunks\0", StringComparison.Ordinal)
        && !key.StartsWith("/directory/hard link\0", StringComparison.Ordinal)
        && !key.StartsWith("/sparse\0", StringComparison.Ordinal)
        && !key.StartsWith("/inline\0", StringComparison.Ordinal);

    // A bit of everything. Each operation may meet the damage; what succeeded is returned with what must be read then.
    private static Dictionary<string, byte[]> Work(VaultFileSystem fileSystem, VaultContents before)
    {
        Dictionary<string, byte[]> done = [];
        if (fileSystem.CreateNode(InodeNumber.Root, "new"u8, ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file) == Errno.None
            && fileSystem.Write(file.Inode, 0, s_newContent, true, false) == Errno.None)
        {
            done.Add("/new\0content", s_newContent);
        }

        if (fileSystem.Lookup(InodeNumber.Root, "chunks"u8, out file) == Errno.None
            && fileSystem.Write(file.Inode, 1_000, s_overwrite, true, false) == Errno.None
            && before.Items.TryGetValue("/chunks\0content", out byte[]? old))
        {
            byte[] content = (byte[])old.Clone();
            s_overwrite.CopyTo(content, 1_000);
            done.Add("/chunks\0content", content);
        }

        if (fileSystem.Lookup(InodeNumber.Root, "inline"u8, out file) == Errno.None
            && fileSystem.SetXattr(file.Inode, "user.new"u8, s_overwrite, XattrMode.Any) == Errno.None)
        {
            done.Add("/inline\0user.new", s_overwrite);
        }

        if (fileSystem.Lookup(InodeNumber.Root, "sparse"u8, out file) == Errno.None)
        {
            _ = fileSystem.Unlink(InodeNumber.Root, "sparse"u8);
            fileSystem.Forget(file.Inode, ulong.MaxValue);
        }

        return done;
    }
}
