using System.Diagnostics;
using System.Globalization;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>kill -9 of the server at any moment: the vault opens, and what fsync had promised is there.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int KillCount = 20;

    /// <summary>Set it to repeat a run that failed.</summary>
    private const string SeedVariable = "CRASH_SEED";

    // Goal: whatever moment the server is killed at, each unlock works, cleans up the dead mount, and finds everything
    // whose fsync had returned.
    // Method: twenty kills at random moments under three writers: one that syncs each file and says so, one that writes big
    // files, one that renames and deletes. All files ever synced are checked after each kill.
    [Fact]
    public void Everything_synced_survives_twenty_kills()
    {
        Requires.Fuse();
        int seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out int given) ? given : Environment.TickCount;
        output.WriteLine($"To repeat: {SeedVariable}={seed}");
        Random random = new(seed);
        using TestVault vault = new();
        string writer = CompiledHelper.Build("synced_writer", vault);
        vault.Open();
        vault.InMount("mkdir synced noise; sync synced .").Succeed();
        List<string> synced = [];

        for (int kill = 0; kill < KillCount; kill++)
        {
            synced.AddRange(WriteUntilKilled(vault, writer, synced.Count, random.Next(20, 1500)));

            Assert.True(vault.IsMounted(), "The dead mount is still there.");
            Assert.NotEqual(0, Shell.Bash($"ls {vault.MountPoint}").ExitCode);
            CommandResult unlocked = vault.Unlock();
            Assert.True(unlocked.ExitCode == 0, $"Unlock after kill {kill} (seed {seed}): {unlocked.Error}");
            CommandResult check = Shell.Run([writer, "check", vault.Mounted("synced")], string.Join('\n', synced), vault.Environment);
            Assert.True(check.ExitCode == 0, $"After kill {kill} (seed {seed}): {check.Output}{check.Error}");
        }

        output.WriteLine($"{synced.Count} synced files checked after {KillCount} kills.");
        Assert.True(synced.Count > KillCount, "The writers hardly wrote anything: the test shows nothing.");
        vault.LockAndUnlock();
        Shell.Run([writer, "check", vault.Mounted("synced")], string.Join('\n', synced), vault.Environment).Succeed();
        vault.InMount("find . -type f -exec cat {} + > /dev/null").Succeed();
    }

    /// <returns>The numbers of the files whose fsync returned.</returns>
    private static string[] WriteUntilKilled(TestVault vault, string writer, int first, int milliseconds)
    {
        int server = vault.ServerPid();
        // Numbers of files that were not acknowledged are used again: they are overwritten.
        using Process syncing = Shell.Start([writer, "write", vault.Mounted("synced"), first.ToString(CultureInfo.InvariantCulture)], vault.Environment);
        using Process big = Shell.Start(["bash", "-c", $"cd {vault.MountPoint} && while dd if=/dev/urandom of=noise/big-$RANDOM bs=1M count=$((RANDOM % 40)) status=none && rm -f noise/big-*[0-4]; do :; done"]);
        using Process renaming = Shell.Start(["bash", "-c", $"cd {vault.Mounted("noise")} && while echo $RANDOM > a && mv a b$((RANDOM % 50)) && mkdir -p d/e && rm -rf d; do :; done"]);
        Task<string> acknowledged = syncing.StandardOutput.ReadToEndAsync();
        List<Task> silent = [syncing.StandardError.ReadToEndAsync(), big.StandardError.ReadToEndAsync(), renaming.StandardError.ReadToEndAsync()];

        Thread.Sleep(milliseconds);
        Shell.Run(["kill", "-KILL", server.ToString(CultureInfo.InvariantCulture)]).Succeed();

        foreach (Process process in new[] { syncing, big, renaming })
        {
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), "A writer hangs on the dead mount.");
        }

        Task.WaitAll([.. silent]);

        // A line that the kill cut in half acknowledges nothing.
        string text = acknowledged.Result;
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
