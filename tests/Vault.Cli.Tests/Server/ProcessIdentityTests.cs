using System.Diagnostics;
using Xunit;

namespace Vault.Cli.Tests.Server;

public sealed class ProcessIdentityTests
{
    // Goal: waiting ends when the process has gone, and not before.
    // Method: a child that lives for a known time.
    [Fact]
    public void Waiting_ends_with_the_process()
    {
        using Process child = Process.Start("sleep", "0.5");
        Stopwatch watch = Stopwatch.StartNew();

        ProcessIdentity.Of(child.Id).WaitForExit();

        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(0.3));
        Assert.True(child.WaitForExit(TimeSpan.FromSeconds(5)));
    }

    // Goal: a process that does not exist is not waited for.
    // Method: a number beyond every pid_max.
    [Fact]
    public void A_missing_process_is_gone() => ProcessIdentity.Of(int.MaxValue).WaitForExit();
}
