namespace Vault.Mount.Tests.Kit;

/// <summary>Damages the container of a locked vault.</summary>
internal static class DamagedContainer
{
    /// <summary>Flips one bit.</summary>
    public static void Flip(string path, long offset)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        Flip(file, offset);
    }

    /// <summary>Flips one bit in each <paramref name="step"/> bytes of a range.</summary>
    public static void FlipEvery(string path, long start, long end, long step)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        for (long offset = start; offset < end; offset += step)
        {
            Flip(file, offset);
        }
    }

    private static void Flip(FileStream file, long offset)
    {
        file.Position = offset;
        int value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 1));
    }
}
