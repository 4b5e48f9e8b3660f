using System.Text.Json;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>Runs a check or a salvage at the command line: prints findings, shows progress, ends cleanly at a signal or a failure.</summary>
internal sealed class FindingsRun(IFindingsOutput output, ProgressLine progress)
{
    /// <summary>One that prints to the given streams; progress is shown only if standard error is a terminal.</summary>
    public static FindingsRun AtTerminal(bool json, TextWriter output, TextWriter error) => new(
        json ? new JsonFindings(output) : new TextFindings(output),
        new ProgressLine(StandardStreams.IsErrorTerminal ? error : null, TimeProvider.System));

    /// <summary>Prints a finding.</summary>
    public void Report(CheckFinding finding) => Print(FindingText.Of(finding), FindingView.Of(finding));

    /// <summary>Prints what could be read, but not be made on the host.</summary>
    public void ReportNotCopied(byte[] path, string detail)
    {
        string shown = EscapedName.Of(path);
        Print($"{shown}: {detail}", new FindingView(FindingView.NotCopied, null, shown, null, null, detail));
    }

    /// <summary>Does the work, then prints its summary, also if it fails or is cancelled.</summary>
    /// <param name="work">The work.</param>
    /// <param name="summarize">How it went, in lines and as an object.</param>
    /// <param name="summarizeFailure">The same, where there is no result; the failure itself is printed by the caller.</param>
    public T Run<T>(
        Func<IProgress<CheckProgress>, CancellationToken, T> work,
        Func<T, TimeSpan, (IReadOnlyList<string> Lines, JsonElement Json)> summarize,
        Func<CliException, TimeSpan, JsonElement> summarizeFailure)
    {
        using CancelBySignal cancel = new();
        try
        {
            T result = work(progress, cancel.Token);
            progress.Clear();
            (IReadOnlyList<string> lines, JsonElement json) = summarize(result, progress.Elapsed);
            output.End(lines, json);
            return result;
        }
        catch (Exception exception) when (FailureMap.Translate(exception) is { } failure)
        {
            progress.Clear();
            output.End([], summarizeFailure(failure, progress.Elapsed));
            throw failure;
        }
    }
    private void Print(string line, FindingView view)
    {
        progress.Clear();
        output.Write(line, view);
    }
}
