using Vault.Testing;

namespace Vault.Storage.Tests.Adversary;

/// <summary>One way to damage the newest image of a history.</summary>
/// <param name="Name">Says what to do, so that a failure can be repeated.</param>
/// <param name="Damage">Does it.</param>
internal readonly record struct Attack(string Name, Action<OverlayMedium> Damage);

/// <summary>Makes many attacks on one history, two at a time.</summary>
internal static class AttackRun
{
    private const int Jobs = 2;

    /// <param name="history">Of the vault.</param>
    /// <param name="attacks">What to do.</param>
    /// <param name="writeEvery">Every so many attempts the copy is also written to.</param>
    /// <param name="isInPlace">As in <see cref="Attacker.Try"/>.</param>
    /// <param name="image">What is attacked; the newest image if null.</param>
    public static Attacker All(VaultHistory history, IReadOnlyList<Attack> attacks, int writeEvery, bool isInPlace = false, byte[]? image = null)
    {
        Attacker attacker = new(history);
        Watchdog.Run(
            attacks.Count,
            Jobs,
            n => attacker.Try(() => Make(image ?? history.Image, attacks[(int)n]), n % writeEvery == 0, isInPlace),
            n => attacks[(int)n].Name);
        return attacker;
    }

    private static OverlayMedium Make(byte[] image, Attack attack)
    {
        OverlayMedium medium = new(image);
        attack.Damage(medium);
        return medium;
    }
}
