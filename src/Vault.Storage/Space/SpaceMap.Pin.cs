namespace Vault.Storage;

/// <content>How a reader of a whole durable state keeps its blocks from being reused.</content>
internal sealed partial class SpaceMap
{
    private static readonly TimeSpan PatienceWithPins = TimeSpan.FromSeconds(1);

    private readonly List<Extent> _heldByPin = [];
    private int _pins;
    private volatile bool _pinIsInTheWay;

    /// <summary>
    /// The host is full, and space that a pin holds back is wanted: who pinned should end soon. Stays so until the
    /// last <see cref="Unpin"/>.
    /// </summary>
    public bool PinIsInTheWay => _pinIsInTheWay;

    /// <summary>
    /// From now on no block is reused that a state durable at this moment, or later, uses: freed space stays held
    /// until as many calls of <see cref="Unpin"/>.
    /// </summary>
    public void Pin()
    {
        lock (_lock)
            _pins++;
    }

    /// <summary>Ends a <see cref="Pin"/>; the last one lets go what was held for all of them.</summary>
    public void Unpin()
    {
        lock (_lock)
        {
            if (_pins == 0)
                throw new InvalidOperationException("The space map was unpinned more often than pinned.");
            if (--_pins > 0)
                return;
            Release(_heldByPin);
            _heldByPin.Clear();
            _pinIsInTheWay = false;
        }
    }

    /// <summary>If a pin holds space back: asks its owner to end, and waits a moment for that. No lock is held.</summary>
    public void AskForPinnedSpace()
    {
        lock (_lock)
        {
            if (_heldByPin.Count == 0)
                return;
            _pinIsInTheWay = true;
        }

        _ = SpinWait.SpinUntil(() => !_pinIsInTheWay, PatienceWithPins);
    }
}
