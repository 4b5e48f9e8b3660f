using Xunit;

// Mounts, kills and fills disks: one at a time, so that a failure points at its own test.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
