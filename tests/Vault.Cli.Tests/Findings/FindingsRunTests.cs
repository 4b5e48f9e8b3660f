using System.Text.Json;
using Vault.Storage;
using Xunit;

namespace Vault.Cli.Tests.Findings;

public sealed class FindingsRunTests
{
    private static readonly CheckFinding Damage = new(CheckFindingKind.FileData, 7, "a \"b\"", 4096, 4096, "words");

    private static readonly CheckReport Damaged = new()
    {
        Generation = 812,
        Files = 3,
        Directories = 2,
        CheckedBytes = 3 << 20,
        Findings = new Dictionary<CheckFindingKind, long> { [CheckFindingKind.SpareCopy] = 1, [CheckFindingKind.FileData] = 2 },
    };

    // Goal: without --json standard output has a line a finding and one for the sum.
    // Method: a check that finds two things, after a repair that did one.
    [Fact]
    public void Text_is_a_line_a_finding_and_the_sum()
    {
        using StringWriter output = new();

        _ = Run(new TextFindings(output), report => { report(Damage); report(Damage); }, ["Mended."]);

        Assert.Equal(
            """
            a "b": bytes 4096-8191 unreadable
            a "b": bytes 4096-8191 unreadable
            Mended.
            Checked 3 files and 2 directories, 3.00 MiB in 0.0 s (generation 812): damaged: 2 unreadable ranges of files, 1 damaged spare copy.

            """,
            output.ToString());
    }

    // Goal: --json is one object with the documented names, whatever was found.
    // Method: none, one and several findings; parse what was written.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Json_is_one_object(int count)
    {
        using StringWriter output = new();

        _ = Run(new JsonFindings(output), report => { for (int i = 0; i < count; i++) { report(Damage); } }, null);

        JsonElement root = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(
            ["findings", "vault", "result", "error", "generation", "files", "directories", "checkedBytes", "counts", "actions", "seconds"],
            root.EnumerateObject().Select(member => member.Name));
        Assert.Equal(count, root.GetProperty("findings").GetArrayLength());
        Assert.All(root.GetProperty("findings").EnumerateArray(), finding => Assert.Equal(
            """{"kind":"file-data","inode":7,"path":"a \"b\"","offsetBytes":4096,"lengthBytes":4096,"detail":"words"}""", finding.GetRawText()));
        Assert.Equal("damaged", root.GetProperty("result").GetString());
        Assert.Equal("""{"file-data":2,"spare-copy":1}""", root.GetProperty("counts").GetRawText());
    }

    // Goal: a failure or a cancellation leaves a whole object that says so, and its exit code.
    // Method: each, after one finding.
    [Theory]
    [InlineData(true, "cancelled", ExitCode.Cancelled)]
    [InlineData(false, "failed", ExitCode.IoError)]
    public void Json_is_whole_after_a_failure(bool cancel, string result, ExitCode code)
    {
        using StringWriter output = new();

        CliException failure = Assert.Throws<CliException>(() => Run(
            new JsonFindings(output),
            report =>
            {
                report(Damage);
                throw cancel ? new OperationCanceledException() : new VaultException(VaultFailure.IoError, "The disk is gone.");
            },
            null));

        JsonElement root = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(code, failure.ExitCode);
        Assert.Equal(1, root.GetProperty("findings").GetArrayLength());
        Assert.Equal(result, root.GetProperty("result").GetString());
        Assert.Equal(failure.Message, root.GetProperty("error").GetString());
    }

    // Goal: the exit code says what a script must know: nothing, mend it, or something is lost.
    // Method: exhaustive over the kinds.
    [Fact]
    public void The_exit_code_tells_loss_from_what_can_be_mended()
    {
        Assert.Equal(ExitCode.Success, CheckSummary.CodeOf(With()));
        foreach (CheckFindingKind kind in Enum.GetValues<CheckFindingKind>())
        {
            bool isLoss = kind is CheckFindingKind.FileData or CheckFindingKind.Inode or CheckFindingKind.DirectoryEntries or CheckFindingKind.TreePage;
            Assert.Equal(isLoss ? ExitCode.DamageFound : ExitCode.InconsistencyFound, CheckSummary.CodeOf(With(kind)));
            Assert.Equal(ExitCode.DamageFound, CheckSummary.CodeOf(With(kind, CheckFindingKind.FileData)));
        }

        static CheckReport With(params CheckFindingKind[] kinds) => Damaged with { Findings = kinds.Distinct().ToDictionary(kind => kind, _ => 1L) };
    }

    private static CheckReport Run(IFindingsOutput output, Action<Action<CheckFinding>> find, IReadOnlyList<string>? actions)
    {
        FindingsRun run = new(output, new ProgressLine(null, new StoppedTime()));
        return run.Run(
            (_, _) =>
            {
                find(run.Report);
                return Damaged;
            },
            (report, elapsed) => (CheckSummary.Lines(report, actions, elapsed), CheckSummary.Of("/v", report, actions, elapsed).ToJson()),
            (failure, elapsed) => CheckSummary.Of("/v", failure, elapsed).ToJson());
    }

    private sealed class StoppedTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
