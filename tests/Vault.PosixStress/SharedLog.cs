using System.Globalization;
using System.Text;

namespace Vault.PosixStress;

/// <summary>A file to which all workers append: each record is there once, whole, and a worker's come in their order.</summary>
internal sealed class SharedLog(Options options)
{
    private const int RecordBytes = 96;

    /// <summary>Records that a worker appends in a round.</summary>
    public const int RecordsOfWorker = 40;

    public static byte[] Record(int round, int process, int number) =>
        Encoding.ASCII.GetBytes($"{round} {process} {number} ".PadRight(RecordBytes - 1, '.') + "\n");

    public void Check(int round)
    {
        byte[] log = File.ReadAllBytes(options.SharedLog);
        Dictionary<int, (int Round, int Number)> next = Enumerable.Range(0, options.Processes).ToDictionary(p => p, _ => (0, 0));
        for (int at = 0; at < log.Length; at += RecordBytes)
        {
            ReadOnlySpan<byte> record = log.AsSpan(at, Math.Min(RecordBytes, log.Length - at));
            string[] fields = Encoding.ASCII.GetString(record).Split(' ');
            int process = fields.Length < 3 ? -1 : int.Parse(fields[1], CultureInfo.InvariantCulture);
            if (!next.TryGetValue(process, out (int Round, int Number) expected) || !record.SequenceEqual(Record(expected.Round, process, expected.Number)))
                throw new CaseFailedException($"The shared log has a torn, lost or doubled record at byte {at}: {fields[0]} {fields.ElementAtOrDefault(1)} {fields.ElementAtOrDefault(2)}.");
            next[process] = expected.Number + 1 < RecordsOfWorker ? (expected.Round, expected.Number + 1) : (expected.Round + 1, 0);
        }

        if (next.Values.Any(n => n != (round + 1, 0)))
            throw new CaseFailedException("The shared log lacks records at its end.");
    }
}
