using Vault.Storage;
using Xunit;

namespace Vault.Cli.Tests.Server;

public sealed class OpeningNoticeTests
{
    private static readonly OpeningReport Clean = new()
    {
        Generation = 812,
        CommitTime = new DateTimeOffset(2026, 3, 1, 13, 4, 31, TimeSpan.FromHours(1)),
        WasClean = true,
        DamagedSlots = 0,
        IsNewestTorn = false,
        NewerStates = NewerStates.None,
        LostThrough = 812,
        LostCommitTime = null,
        ReplayedSyncs = 0,
        IsLogDamaged = false,
        SlotsMended = false,
        HeaderCopyMended = false,
    };

    // Goal: after a lock there is nothing to say.
    // Method: the report of one.
    [Fact]
    public void After_a_lock_there_is_nothing_to_say() => Assert.Null(OpeningNotice.Of(Clean, isReadOnly: false));

    // Goal: a crash is told in one line that names the moment, and is no warning: nothing that was promised is lost.
    // Method: killed; killed with a time unknown; a torn superblock, after an unclean and after a clean state; syncs brought back.
    [Fact]
    public void A_crash_is_told_in_one_line()
    {
        const string AsOf = "opened as of 2026-03-01 12:04:31 UTC (generation 812); everything synced by then is there.";
        OpeningReport killed = Clean with { WasClean = false };
        OpeningReport torn = Clean with { IsNewestTorn = true, DamagedSlots = 1, SlotsMended = true };

        Told("The vault was not locked: " + AsOf, killed);
        Told("The vault was not locked: opened as of generation 812; everything synced by then is there.", killed with { CommitTime = null });
        Told("The vault was not locked: opened as of 2026-03-01 12:04:31 UTC (generation 812) and one sync since; everything synced is there.", killed with { ReplayedSyncs = 1 });
        Told("The vault was not locked: opened as of 2026-03-01 12:04:31 UTC (generation 812) and 37 syncs since; everything synced is there.", killed with { ReplayedSyncs = 37 });
        Told("The vault was not locked, and its newest superblock is torn, as a power loss may leave it: " + AsOf, torn);
        Told("The vault was not locked, and its newest superblock is torn, as a power loss may leave it: " + AsOf, torn with { WasClean = false });
    }

    // Goal: what was mended is told.
    // Method: a header copy, alone and after a crash; slots, mended and, read-only, not.
    [Fact]
    public void What_was_mended_is_told()
    {
        Told("A copy of its header was damaged or old; it was written again.", Clean with { HeaderCopyMended = true });
        Told(
            "The vault was not locked: opened as of 2026-03-01 12:04:31 UTC (generation 812); everything synced by then is there. A copy of its header was damaged or old; it was written again.",
            Clean with { WasClean = false, HeaderCopyMended = true });
        Told("3 of the vault's superblock slots cannot be read; none of them is needed, and all were written again.", Clean with { DamagedSlots = 3, SlotsMended = true });
        Told("3 of the vault's superblock slots cannot be read; none of them is needed.", Clean with { DamagedSlots = 3 });
    }

    // Goal: a lost state is a warning that says what is lost and what follows.
    // Method: lost and perhaps lost, read-only and not, with and without a time.
    [Fact]
    public void A_lost_state_is_a_warning()
    {
        OpeningReport lost = Clean with { WasClean = false, NewerStates = NewerStates.Lost, LostThrough = 815, LostCommitTime = Clean.CommitTime + TimeSpan.FromMinutes(1) };

        Warned(
            "What was written to the vault after 2026-03-01 12:04:31 UTC (generation 812), up to generation 815 of 2026-03-01 12:05:31 UTC, is lost. It goes on from there.",
            lost,
            isReadOnly: false);
        Warned(
            "What was written to the vault after 2026-03-01 12:04:31 UTC (generation 812), up to generation 815, may be lost. It is unlocked read-only: copy out what you need. --accept-older-state goes on from there.",
            lost with { NewerStates = NewerStates.PerhapsLost, LostCommitTime = null },
            isReadOnly: true);
        Warned(
            "What was synced to the vault after 2026-03-01 12:04:31 UTC (generation 812) and 4 syncs since is lost: its log is damaged. It goes on from there.",
            Clean with { WasClean = false, ReplayedSyncs = 4, IsLogDamaged = true },
            isReadOnly: false);
    }

    private static void Told(string text, OpeningReport report) => Assert.Equal(new OpeningNotice(text, IsWarning: false), OpeningNotice.Of(report, isReadOnly: false));

    private static void Warned(string text, OpeningReport report, bool isReadOnly) => Assert.Equal(new OpeningNotice(text, IsWarning: true), OpeningNotice.Of(report, isReadOnly));
}
