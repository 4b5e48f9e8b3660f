namespace Vault.Storage;

/// <summary>
/// How often the kernel knows each inode, and which inodes have no name any more but are still known. Numbers are handed
/// out in sequence, so counts lie in groups of neighbours: about two bytes an inode where the kernel knows all of a
/// group, about 110 where it knows one. Safe for concurrent use; a leaf in the lock order.
/// </summary>
internal sealed class InodeReferences
{
    private const int StripeCount = 16;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe())];

    public void Add(InodeNumber inode)
    {
        Stripe stripe = StripeOf(inode);
        lock (stripe.Lock)
            stripe.Counts.Add(inode.Value);
    }

    /// <summary>Takes references back.</summary>
    /// <returns>Whether the inode has no name and no reference any more: it is to be deleted.</returns>
    public bool Release(InodeNumber inode, ulong released)
    {
        Stripe stripe = StripeOf(inode);
        lock (stripe.Lock)
            return stripe.Counts.Remove(inode.Value, released) && stripe.Unlinked.Remove(inode.Value);
    }

    /// <summary>Notes that an inode lost its last name.</summary>
    /// <returns>Whether nobody knows it: it is to be deleted now.</returns>
    public bool MarkUnlinked(InodeNumber inode)
    {
        Stripe stripe = StripeOf(inode);
        lock (stripe.Lock)
        {
            if (!stripe.Counts.Contains(inode.Value))
                return true;
            stripe.Unlinked.Add(inode.Value);
            return false;
        }
    }

    /// <summary>Notes that an inode without a name was given one.</summary>
    public void MarkLinked(InodeNumber inode)
    {
        Stripe stripe = StripeOf(inode);
        lock (stripe.Lock)
            stripe.Unlinked.Remove(inode.Value);
    }

    private Stripe StripeOf(InodeNumber inode) => _stripes[(int)(ReferenceCounts.GroupOf(inode.Value) % StripeCount)];

    private sealed class Stripe
    {
        public readonly Lock Lock = new();
        public readonly ReferenceCounts Counts = new();
        public readonly HashSet<ulong> Unlinked = [];
    }
}
