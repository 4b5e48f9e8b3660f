using Vault.Crypto;
using Vault.Fuse;
using Vault.Storage;
using Vault.Testing;
using Xunit;

namespace Vault.Cli.Tests.Errors;

public sealed class FailureMapTests
{
    // Goal: no failure of the layers below is without an exit code, and no two share one.
    // Method: exhaustive over each enumeration.
    [Fact]
    public void Every_failure_has_an_exit_code_of_its_own()
    {
        List<ExitCode> codes =
        [
            .. Enum.GetValues<VaultFailure>().Select(FailureMap.CodeOf),
            .. Enum.GetValues<MountFailure>().Select(FailureMap.CodeOf),
        ];

        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.DoesNotContain(ExitCode.Success, codes);
        Assert.DoesNotContain(ExitCode.InternalError, codes);
    }

    // Goal: a fault of the machine in deriving a key is never taken for a wrong passphrase.
    // Method: exhaustive.
    [Fact]
    public void A_key_that_cannot_be_derived_is_no_wrong_credential() =>
        Assert.All(Enum.GetValues<KeyDerivationFailure>(), failure =>
            Assert.Contains(FailureMap.CodeOf(failure), new[] { ExitCode.MissingDependency, ExitCode.KeyDerivation }));

    // Goal: of the ways in which a passphrase can be tried, only the good one returns 0.
    // Method: exhaustive.
    [Fact]
    public void Only_an_unlocked_vault_is_a_success()
    {
        Assert.All(Enum.GetValues<UnlockOutcome>(), outcome =>
            Assert.Equal(outcome == UnlockOutcome.Unlocked, FailureMap.CodeOf(outcome) == ExitCode.Success));
    }

    // Goal: the numbers are a contract: they agree with the table in docs/cli.md, which users read.
    // Method: read the table's rows and compare in both directions.
    [Fact]
    public void Exit_codes_agree_with_the_table_in_the_manual()
    {
        Dictionary<int, string> documented = Repository.Read("docs/cli.md").Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length >= 4 && int.TryParse(cells[1], out _))
            .ToDictionary(cells => int.Parse(cells[1]), cells => cells[2].Trim('`'));

        Dictionary<int, string> actual = Enum.GetValues<ExitCode>().ToDictionary(code => (int)code, code => code.ToString());
        Assert.Equal(actual.OrderBy(pair => pair.Key), documented.OrderBy(pair => pair.Key));
    }

    // Goal: an exception that is nobody's failure stays a bug and is not dressed up.
    // Method: translate one.
    [Fact]
    public void An_unknown_exception_is_not_translated() =>
        Assert.Null(FailureMap.Translate(new InvalidOperationException("bug")));
}
