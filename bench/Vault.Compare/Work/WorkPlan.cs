namespace Vault.Compare.Work;

/// <summary>What a client is told.</summary>
/// <param name="Directory">Its own, below the mount.</param>
/// <param name="Scale">How much.</param>
/// <param name="SourceTree">The tree that is copied into the mount; outside of it.</param>
/// <param name="Repository">The git repository that is cloned into the mount; outside of it.</param>
/// <param name="Seed">Of the order of random accesses: the same for all systems of a round.</param>
internal sealed record WorkPlan(string Directory, WorkScale Scale, string SourceTree, string Repository, int Seed);
