using Microsoft.Extensions.Logging.Abstractions;
using Vault.Storage;
using Xunit;

namespace Vault.Cli.Tests.Server;

public sealed class ServedChecksTests
{
    private static readonly CheckReport Clean = new()
    {
        Generation = 1,
        Files = 0,
        Directories = 1,
        CheckedBytes = 0,
        Findings = new Dictionary<CheckFindingKind, long>(),
    };

    // Goal: two checks never run at once; the second one is told.
    // Method: the second is asked for, on another thread, while the first runs.
    [Fact]
    public void A_second_check_is_refused()
    {
        using ServedChecks checks = new(NullLogger.Instance);
        CheckReply? second = null;

        CheckReply first = checks.Run(() =>
        {
            second = OnAnotherThread(() => checks.Run(() => Clean));
            return Clean;
        });

        Assert.Equal(CheckOutcome.AlreadyRunning, second?.Outcome);
        Assert.Equal(CheckOutcome.Completed, first.Outcome);
        Assert.Same(Clean, checks.Run(() => Clean).Report);
    }

    // Goal: the end cancels a check, comes after it, and none begins any more.
    // Method: end while one waits for its token; ask again afterwards.
    [Fact]
    public async Task The_end_comes_after_a_check()
    {
        using ServedChecks checks = new(NullLogger.Instance);
        using ManualResetEventSlim started = new();
        bool hasEnded = false;
        Task<CheckReply> running = Task.Run(() => checks.Run(() =>
        {
            started.Set();
            _ = checks.Closing.WaitHandle.WaitOne();
            hasEnded = true;
            throw new OperationCanceledException();
        }));
        Assert.True(started.Wait(TimeSpan.FromSeconds(10)));

        checks.End();

        Assert.True(hasEnded);
        Assert.Equal(CheckOutcome.Cancelled, (await running).Outcome);
        Assert.Equal(CheckOutcome.Cancelled, OnAnotherThread(() => checks.Run(() => Clean)).Outcome);
    }

    // Goal: what goes wrong in a check is an answer with its exit code, and does not reach the thread that serves it.
    // Method: a failing medium; a bug.
    [Fact]
    public void A_failure_is_an_answer()
    {
        using ServedChecks checks = new(NullLogger.Instance);

        CheckReply failed = checks.Run(() => throw new VaultException(VaultFailure.IoError, "The disk is gone."));
        CheckReply bug = checks.Run(() => throw new InvalidOperationException("bug"));

        Assert.Equal(new CheckReply(CheckOutcome.Failed, null, ExitCode.IoError, "The disk is gone."), failed);
        Assert.Equal((CheckOutcome.Failed, ExitCode.InternalError), (bug.Outcome, bug.Code));
    }

    private static CheckReply OnAnotherThread(Func<CheckReply> ask)
    {
        CheckReply? reply = null;
        Thread thread = new(() => reply = ask());
        thread.Start();
        thread.Join();
        return reply!;
    }
}
