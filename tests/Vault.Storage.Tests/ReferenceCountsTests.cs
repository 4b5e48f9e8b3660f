namespace Vault.Storage.Tests;

public sealed class ReferenceCountsTests
{
    // Goal: counts are right at any height, also where a byte overflows and where more is taken than was counted.
    // Method: random additions and removals over neighbouring and distant numbers, beside a dictionary.
    [Fact]
    public void Counts_agree_with_a_dictionary()
    {
        Random random = new(1);
        ReferenceCounts counts = new();
        Dictionary<ulong, ulong> model = [];
        int emptied = 0;
        for (int i = 0; i < 400_000; i++)
        {
            ulong number = random.Next(2) == 0 ? (ulong)random.Next(200) : (ulong)random.Next(8) << 40;
            if (random.Next(1000) != 0)
            {
                counts.Add(number);
                model[number] = model.GetValueOrDefault(number) + 1;
            }
            else
            {
                ulong taken = (ulong)random.Next(1200);
                ulong before = model.GetValueOrDefault(number);
                Assert.Equal(before > 0 && taken >= before, counts.Remove(number, taken));
                model[number] = before - Math.Min(before, taken);
                emptied += before > 0 && taken >= before ? 1 : 0;
            }

            Assert.Equal(model[number] > 0, counts.Contains(number));
        }

        Assert.Contains(model.Values, count => count > 600);
        Assert.True(emptied > 10);
        Assert.All(model, entry => Assert.Equal(entry.Value > 0, counts.Remove(entry.Key, entry.Value)));
        Assert.All(model.Keys, number => Assert.False(counts.Contains(number)));
    }
}
