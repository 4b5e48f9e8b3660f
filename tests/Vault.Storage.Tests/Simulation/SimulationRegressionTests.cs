namespace Vault.Storage.Tests.Simulation;

/// <summary>The shortest forms of what the simulation found once.</summary>
public sealed class SimulationRegressionTests
{
    // Goal: a sync promises what a session opened, also when a session before left it in the host's cache only, because
    // its last flush failed.
    // Method: whichever operation of the medium is refused.
    [Fact]
    public void A_sync_makes_durable_what_was_opened()
    {
        for (int refused = 1; refused <= 40; refused++)
        {
            new SimulationCase(12010, 8192, 131072, 1048576,
            [
                new(OperationKind.RefuseOperation, Length: refused),
                new(OperationKind.CreateDirectory, "canary5e1fe"),
                new(OperationKind.CreateFile, "canary5e1fe/canary5e1fd"),
                new(OperationKind.Write, "canary5e1fe/canary5e1fd", Offset: 12288, Length: 4097, Argument: 3),
                new(OperationKind.Sync),
            ]).Run();
        }
    }

    // Goal: chunks that the last append of the log names, behind which a flush failed, are written again before a state counts on them.
    [Fact]
    public void Chunks_behind_a_failed_flush_are_written_again() => new SimulationCase(5049, 4096, 524288, 524288,
    [
        new(OperationKind.Sync),
        new(OperationKind.LosePower),
        new(OperationKind.LosePower),
        new(OperationKind.CreateFile, "canary5e1ff"),
        new(OperationKind.CreateFile, "canary5e1fh"),
        new(OperationKind.LosePower, Length: 9, Argument: 2),
        new(OperationKind.CreateFile, "canary5e1fa"),
        new(OperationKind.Write, "canary5e1fa", Offset: 106496, Length: 1, Argument: 154),
        new(OperationKind.Sync),
        new(OperationKind.Write, "canary5e1ff", Length: 4097, Argument: 160),
        new(OperationKind.Sync),
        new(OperationKind.Allocate, "canary5e1fh", Length: 1),
        new(OperationKind.FailOperation, Length: 6),
        new(OperationKind.Sync),
        new(OperationKind.Write, "canary5e1fa", Length: 9726, Argument: 175),
        new(OperationKind.Sync),
        new(OperationKind.LosePower, Argument: 5),
    ]).Run();

    // Goal: what a replay needs room for is not written over the log.
    [Fact]
    public void A_replay_does_not_overwrite_its_log() => new SimulationCase(5083, 131072, 262144, 65536,
    [
        new(OperationKind.Sync),
        new(OperationKind.CreateSymlink, "canary5e1fb", Other: "canary5e1fssssssssss"),
        new(OperationKind.CreateFile, "canary5e1fg"),
        new(OperationKind.Sync),
        new(OperationKind.Rename, "canary5e1fb", Other: "canary5e1fg", Argument: 2),
        new(OperationKind.Write, "canary5e1fb", Length: 19500, Argument: 75),
        new(OperationKind.Sync),
        new(OperationKind.LosePower),
        new(OperationKind.LosePower, Argument: 4),
    ]).Run();

    // Goal: what a replay seals for want of memory does not take the place of what the log names.
    [Fact]
    public void A_replay_short_of_memory_keeps_what_its_log_names() => new SimulationCase(5124, 8192, 524288, 65536,
    [
        new(OperationKind.Sync),
        new(OperationKind.CreateFile, "canary5e1fc"),
        new(OperationKind.Write, "canary5e1fc", Offset: 30814, Length: 1955, Argument: 118),
        new(OperationKind.CreateFile, "canary5e1fg"),
        new(OperationKind.Write, "canary5e1fg", Length: 49153, Argument: 134),
        new(OperationKind.Sync),
        new(OperationKind.LosePower),
        new(OperationKind.LosePower, Length: 1),
        new(OperationKind.Sync),
    ]).Run();

    // Goal: chunks that a replayed append names become durable with the next sync, although the flush after the append failed and
    // the host shows what it dropped.
    [Fact]
    public void A_sync_makes_durable_what_a_failed_append_named() => new SimulationCase(542, 4096, 262144, 2097152,
        [
            new(OperationKind.Sync),
            new(OperationKind.RefuseOperation, Length: 17),
            new(OperationKind.CreateFile, "canary5e1fe"),
            new(OperationKind.Sync),
            new(OperationKind.Write, "canary5e1fe", Offset: 24356, Length: 221, Argument: 21),
            new(OperationKind.CreateDirectory, "canary5e1fa"),
            new(OperationKind.Sync),
            new(OperationKind.Write, "canary5e1fe", Length: 1, Argument: 24),
            new(OperationKind.Sync),
            new(OperationKind.CreateDirectory, "canary5e1fa/canary5e1fd"),
            new(OperationKind.Sync),
            new(OperationKind.Write, "canary5e1fe", Length: 22089, Argument: 34),
            new(OperationKind.Sync),
        ]).Run();

    // Goal: a session that replays the log and ends before its first commit leaves the log whole.
    [Fact]
    public void A_replay_writes_to_nothing_that_the_log_names() => new SimulationCase(684, 8192, 262144, 262144,
        [
            new(OperationKind.Empty),
            new(OperationKind.CreateFile, "canary5e1fa"),
            new(OperationKind.Write, "canary5e1fa", Length: 14839, Argument: 339),
            new(OperationKind.Link, "canary5e1fa", Other: "canary5e1fc"),
            new(OperationKind.LosePower, Length: 3, Argument: 3),
            new(OperationKind.Sync),
            new(OperationKind.Write, "canary5e1fc", Offset: 4096, Length: 489, Argument: 351),
            new(OperationKind.Sync),
            new(OperationKind.LosePower, Argument: 4),
        ]).Run();

    // Goal: a replay finds room on the full host on which the log was written. Method: chunks that grow from append to append.
    [Fact]
    public void A_replay_finds_room_on_a_full_host() => new SimulationCase(3774, 131072, 262144, 524288,
        [
            new(OperationKind.Sync),
            new(OperationKind.CreateFile, "canary5e1fh"),
            new(OperationKind.Write, "canary5e1fh", Length: 63995, Argument: 14),
            new(OperationKind.CreateDirectory, "canary5e1fc"),
            new(OperationKind.Truncate, "canary5e1fh", Length: 39351),
            new(OperationKind.CreateDirectory, "canary5e1fa"),
            new(OperationKind.CreateFile, "canary5e1fe"),
            new(OperationKind.Sync),
            new(OperationKind.CreateDirectory, "canary5e1fa/canary5e1fc"),
            new(OperationKind.CreateDirectory, "canary5e1fa/canary5e1fc/canary5e1fb"),
            new(OperationKind.Write, "canary5e1fe", Offset: 123202, Length: 147, Argument: 39),
            new(OperationKind.Lock),
            new(OperationKind.Kill),
            new(OperationKind.CreateFile, "canary5e1fc/canary5e1fa"),
            new(OperationKind.Sync),
            new(OperationKind.CreateDirectory, "canary5e1fa/canary5e1ff"),
            new(OperationKind.CreateFile, "canary5e1fa/canary5e1fc/canary5e1fb/canary5e1fc"),
            new(OperationKind.CreateFile, "canary5e1fa/canary5e1ff/canary5e1fa"),
            new(OperationKind.GiveBack),
            new(OperationKind.Write, "canary5e1fa/canary5e1ff/canary5e1fa", Offset: 57199, Length: 176, Argument: 202),
            new(OperationKind.Write, "canary5e1fa/canary5e1fc/canary5e1fb/canary5e1fc", Length: 143360, Argument: 204),
            new(OperationKind.Sync),
            new(OperationKind.Write, "canary5e1fc/canary5e1fa", Offset: 61609, Length: 28672, Argument: 213),
            new(OperationKind.FillHost),
            new(OperationKind.Sync),
            new(OperationKind.FailOperation, Length: 11),
            new(OperationKind.Allocate, "canary5e1fa/canary5e1fc/canary5e1fb/canary5e1fc", Offset: 73728, Length: 9687, Argument: 17),
            new(OperationKind.Write, "canary5e1fa/canary5e1ff/canary5e1fa", Offset: 137176, Length: 145849, Argument: 231),
            new(OperationKind.Write, "canary5e1fc/canary5e1fa", Offset: 265, Length: 7674, Argument: 240),
            new(OperationKind.Sync),
            new(OperationKind.CreateFile, "canary5e1fa/canary5e1ff/canary5e1fh"),
            new(OperationKind.Sync),
        ]).Run();

    [Fact]
    public void A_replay_needs_no_more_room_on_the_way() => new SimulationCase(5884, 131072, 262144, 131072,
        [
            new(OperationKind.Sync),
            new(OperationKind.Lock),
            new(OperationKind.Sync),
            new(OperationKind.CreateFile, "canary5e1ff"),
            new(OperationKind.Write, "canary5e1ff", Offset: 90112, Length: 5426, Argument: 105),
            new(OperationKind.CreateFile, "canary5e1fc"),
            new(OperationKind.Write, "canary5e1fc", Offset: 49152, Length: 12288, Argument: 110),
            new(OperationKind.Link, "canary5e1ff", Other: "canary5e1fa"),
            new(OperationKind.Truncate, "canary5e1fc", Length: 4096),
            new(OperationKind.Sync),
            new(OperationKind.CreateFile, "canary5e1fg"),
            new(OperationKind.Write, "canary5e1fa", Offset: 14237, Length: 4, Argument: 117),
            new(OperationKind.Write, "canary5e1fa", Offset: 90112, Length: 110, Argument: 118),
            new(OperationKind.Write, "canary5e1fg", Offset: 109458, Length: 25, Argument: 130),
            new(OperationKind.Write, "canary5e1fc", Length: 15432, Argument: 131),
            new(OperationKind.Write, "canary5e1fa", Length: 30321, Argument: 134),
            new(OperationKind.Sync),
            new(OperationKind.Allocate, "canary5e1fg", Length: 54730, Argument: 16),
            new(OperationKind.FillHost),
            new(OperationKind.Sync),
            new(OperationKind.Allocate, "canary5e1ff", Length: 51, Argument: 16),
            new(OperationKind.Sync),
            new(OperationKind.Write, "canary5e1fa", Length: 42, Argument: 149),
            new(OperationKind.LosePower, Length: 3, Argument: 5),
            new(OperationKind.Sync),
        ]).Run();

    // Goal: a log loses no blocks. Method: what was allocated, synced, cut and synced again, across commits and sessions.
    [Fact]
    public void The_log_loses_no_blocks() => new SimulationCase(1940, 32768, 524288, 524288,
        [
          new(OperationKind.CreateFile, "canary5e1fa"),
          new(OperationKind.CreateFile, "canary5e1fh"),
          new(OperationKind.Write, "canary5e1fh", Offset: 66767, Length: 24009, Argument: 11),
          new(OperationKind.Sync),
          new(OperationKind.LosePower, Length: 4, Argument: 7),
          new(OperationKind.Write, "canary5e1fh", Offset: 40960, Length: 97339, Argument: 35),
          new(OperationKind.Sync),
          new(OperationKind.LosePower, Argument: 5),
          new(OperationKind.Lock),
          new(OperationKind.Kill),
          new(OperationKind.GiveBack),
          new(OperationKind.SetXattr, "canary5e1fh", Other: "user.canary5e1fa", Length: 43, Argument: 1),
          new(OperationKind.RefuseOperation, Length: 14),
          new(OperationKind.GiveBack),
          new(OperationKind.SetMode, "canary5e1fa", Argument: 55),
          new(OperationKind.GiveBack),
          new(OperationKind.Empty),
          new(OperationKind.Kill, Length: 12),
          new(OperationKind.CreateDirectory, "canary5e1fa"),
          new(OperationKind.CreateFile, "canary5e1fb"),
          new(OperationKind.Write, "canary5e1fb", Offset: 88178, Length: 114688, Argument: 195),
          new(OperationKind.CreateFile, "canary5e1fa/canary5e1fh"),
          new(OperationKind.Sync),
          new(OperationKind.CreateFile, "canary5e1fe"),
          new(OperationKind.Sync),
          new(OperationKind.Write, "canary5e1fa/canary5e1fh", Offset: 84833, Length: 46879, Argument: 211),
          new(OperationKind.Sync),
          new(OperationKind.Truncate, "canary5e1fb", Length: 12816),
          new(OperationKind.Sync),
          new(OperationKind.LosePower, Argument: 1),
        ]).Run();

    // Goal: a lock promises what its session opened, changed or not, also when the lock before left it in the host's cache only.
    // Method: whichever operation of that lock fails.
    [Fact]
    public void A_lock_makes_durable_what_was_opened()
    {
        for (int failed = 1; failed <= 16; failed++)
        {
            new SimulationCase(12010, 8192, 131072, 1048576,
            [
                new(OperationKind.CreateFile, "canary5e1fe"),
                new(OperationKind.Sync),
                new(OperationKind.SetMode, "canary5e1fe", Argument: 50),
                new(OperationKind.FailOperation, Length: failed),
                new(OperationKind.Lock),
                new(OperationKind.Lock),
                new(OperationKind.LosePower),
            ]).Run();
        }
    }

    // Goal: the log does not say that blocks are free which were free at once and are in use again.
    [Fact]
    public void Blocks_in_use_again_are_not_freed_by_the_log() => new SimulationCase(12039, 8192, 131072, 1048576,
       [
           new(OperationKind.RefuseOperation, Length: 36),
           new(OperationKind.CreateDirectory, "canary5e1fe"),
           new(OperationKind.CreateFile, "canary5e1fe/canary5e1fd"),
           new(OperationKind.Sync),
           new(OperationKind.Link, "canary5e1fe/canary5e1fd", Other: "canary5e1fe/canary5e1fg"),
           new(OperationKind.Lock),
           new(OperationKind.Sync),
           new(OperationKind.Write, "canary5e1fe/canary5e1fd", Offset: 4096, Length: 18072, Argument: 18),
           new(OperationKind.Truncate, "canary5e1fe/canary5e1fg", Length: 4096),
           new(OperationKind.Write, "canary5e1fe/canary5e1fg", Length: 16101, Argument: 28),
           new(OperationKind.Sync),
           new(OperationKind.Lock),
       ]).Run();

    // Goal: the record that leads to another segment of the log, all that is left of an append there, changes nothing.
    [Fact]
    public void A_way_to_a_lost_append_changes_nothing() => new SimulationCase(47, 8192, 262144, 262144,
      [
          new(OperationKind.CreateFile, "canary5e1fa"),
          new(OperationKind.FillHost),
          new(OperationKind.Lock),
          new(OperationKind.Sync),
          new(OperationKind.LosePower),
          new(OperationKind.Empty),
          new(OperationKind.CreateDirectory, "canary5e1fa"),
          new(OperationKind.CreateDirectory, "canary5e1fa/canary5e1fh"),
          new(OperationKind.Sync),
          new(OperationKind.Rename, "canary5e1fa", Other: "canary5e1fh"),
          new(OperationKind.Sync),
          new(OperationKind.CreateDirectory, "canary5e1fh/canary5e1fh/canary5e1ff"),
          new(OperationKind.LosePower, Length: 3, Argument: 6),
          new(OperationKind.Sync),
      ]).Run();

    // Goal: a host that fails to read the bitmap of the state before the newest, once, does not make the vault give that
    // state's blocks away.
    [Fact]
    public void A_state_before_whose_bitmap_was_not_read_stays_whole() => new SimulationCase(11, 32768, 524288, 524288,
    [
        new(OperationKind.Sync),
        new(OperationKind.LosePower),
        new(OperationKind.FailRead, Length: 1),
        new(OperationKind.FailOperation, Length: 1),
        new(OperationKind.Sync),
    ]).Run();

    // Goal: a write that is refused leaves the file as it was, its times too.
    [Fact]
    public void A_refused_write_leaves_the_times() => new SimulationCase(83, 32768, 8388608, 2097152,
    [
        new(OperationKind.CreateFile, "canary5e1fc"),
        new(OperationKind.Write, "canary5e1fc", Length: 1, Argument: 363),
        new(OperationKind.RefuseOperation, Length: 1),
        new(OperationKind.Write, "canary5e1fc", Length: 34023, Argument: 390),
    ]).Run();

    // Goal: nor does it take all space from the next commit on a full host.
    [Fact]
    public void A_bitmap_that_was_not_read_once_leaves_room_to_commit() => new SimulationCase(1213, 8192, 8388608, 2097152,
    [
        new(OperationKind.Sync),
        new(OperationKind.LosePower),
        new(OperationKind.FailRead, Length: 1),
        new(OperationKind.FillHost),
        new(OperationKind.CreateFile, "canary5e1fc"),
        new(OperationKind.Empty),
    ]).Run();
}
