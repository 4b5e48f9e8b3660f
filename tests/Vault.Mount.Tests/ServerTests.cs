using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>The background process, how it is seen, and how a person starts it.</summary>
public sealed class ServerTests
{
    // Goal: the kernel, ps and list show vault and mount point.
    // Method: look at mountinfo, ps and list --json.
    [Fact]
    public void A_server_is_seen_as_it_should_be()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        JsonElement listed = Assert.Single(vault.List());
        int server = listed.GetProperty("pid").GetInt32();

        Assert.Equal(vault.Container, listed.GetProperty("vault").GetString());
        Assert.Equal(vault.MountPoint, listed.GetProperty("mountpoint").GetString());
        Assert.False(listed.GetProperty("readonly").GetBoolean());
        Assert.Contains($" - fuse.vaultfs {vault.Container} ", string.Join('\n', File.ReadLines("/proc/self/mountinfo")), StringComparison.Ordinal);
        string shown = Shell.Bash($"ps -o sid=,args= -p {server}").Succeed().Output.Trim();
        Assert.StartsWith($"{server} ", shown, StringComparison.Ordinal);
        Assert.EndsWith($"vaultfs serve {vault.Container} {vault.MountPoint}", shown, StringComparison.Ordinal);
    }

    // Goal: the server has let go of its caller's directory, streams and secrets.
    // Method: look at /proc, which shows that of a process that is not dumpable to root only.
    [Fact]
    public void A_server_has_let_go_of_its_caller()
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        vault.Open();
        int server = vault.ServerPid();

        Shell.Bash($"""
            [ "$(readlink /proc/{server}/cwd)" = / ]
            for fd in 0 1 2; do [ "$(readlink /proc/{server}/fd/$fd)" = /dev/null ]; done
            ! tr '\0' '\n' < /proc/{server}/environ | grep -F '{TestVault.Passphrase}'
            tr '\0' '\n' < /proc/{server}/environ | grep -qx DOTNET_EnableDiagnostics=0
            """).Succeed();
    }

    // Goal: nothing that the caller had open stays open in the server.
    // Method: a shell holds a lock on a file and unlocks; after it ends, the lock must be free.
    [Fact]
    public void A_server_holds_nothing_of_its_caller()
    {
        Requires.Fuse();
        Requires.Program("flock");
        using TestVault vault = new();
        vault.Create().Succeed();

        Shell.Bash($"exec 9> {vault.In("lock")}; flock 9; {Checkout.Launcher} unlock {vault.Container} {vault.MountPoint} --passphrase-file {vault.PassphraseFile}", vault.Environment).Succeed();

        Shell.Bash($"flock --nonblock {vault.In("lock")} true").Succeed();
    }

    // Goal: a read-only mount changes neither a file nor a byte of the container; two can serve one vault.
    // Method: try to write through two of them; compare the container.
    [Fact]
    public void A_read_only_mount_changes_nothing()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Open();
        vault.InMount("echo text > file").Succeed();
        vault.Lock().Succeed();
        string hash = vault.ContainerHash();
        string second = Directory.CreateDirectory(vault.In("second")).FullName;

        vault.Unlock("--read-only").Succeed();
        vault.Vaultfs("unlock", vault.Container, second, "--read-only", "--passphrase-file", vault.PassphraseFile).Succeed();

        Assert.Contains("Read-only file system", vault.InMount("echo more >> file").Error, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", vault.InMount("touch new").Error, StringComparison.Ordinal);
        Assert.Equal("text\n", File.ReadAllText(Path.Combine(second, "file")));
        vault.Vaultfs("lock", vault.Container).Succeed();
        Assert.Empty(vault.List());
        Assert.Equal(hash, vault.ContainerHash());
    }

    // Goal: configuration reaches the server; the command line wins over the environment, that over the file.
    // Method: a file that makes it read-only, a variable that undoes it, an option that brings it back.
    [Fact]
    public void Configuration_is_layered()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Create().Succeed();
        _ = Directory.CreateDirectory(vault.In("config/vaultfs"));
        File.WriteAllText(vault.In("config/vaultfs/config.json"), """{ "ReadOnly": true }""");
        Dictionary<string, string?> undone = new(vault.Environment) { ["VAULTFS_READONLY"] = "false" };
        string[] unlock = ["unlock", vault.Container, vault.MountPoint, "--passphrase-file", vault.PassphraseFile];

        Assert.True(IsReadOnly(vault.Environment, []));
        Assert.False(IsReadOnly(undone, []));
        Assert.True(IsReadOnly(undone, ["--read-only"]));
        Assert.True(IsReadOnly(undone, ["--set", "readonly=true"]));

        bool IsReadOnly(IReadOnlyDictionary<string, string?> environment, string[] options)
        {
            Shell.Run([Checkout.Launcher, .. unlock, .. options], "", environment).Succeed();
            bool result = vault.List().Single().GetProperty("readonly").GetBoolean();
            vault.Lock().Succeed();
            return result;
        }
    }

    // Goal: every way to give a secret opens the same vault.
    // Method: descriptor, standard input, file.
    [Fact]
    public void A_passphrase_comes_from_any_descriptor()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.VaultfsReading(TestVault.Passphrase, ["create", vault.Container, "--passphrase-fd", "0", .. TestVault.CheapKeySlot]).Succeed();

        Shell.Bash($"{Checkout.Launcher} unlock {vault.Container} {vault.MountPoint} --passphrase-fd 5 5< {vault.PassphraseFile}", vault.Environment).Succeed();
        vault.LockAndUnlock();
    }

    // Goal: descriptors that are shared with others are read and written in their turn: no more than the line is taken, and
    // nothing that others wrote is overwritten.
    // Method: a script whose commands share a file as input and another as output.
    [Fact]
    public void Shared_descriptors_are_used_in_turn()
    {
        Requires.Fuse();
        using TestVault vault = new();
        File.WriteAllText(vault.In("input"), TestVault.Passphrase + "\nnext line\n");

        Shell.Bash($"""
            exec < {vault.In("input")} > {vault.In("output")}
            echo first
            {Checkout.Launcher} create {vault.Container} --passphrase-fd 0 {string.Join(' ', TestVault.CheapKeySlot)}
            read -r line; echo "$line"
            {Checkout.Launcher} list
            echo last
            """, vault.Environment).Succeed();

        string[] lines = File.ReadAllLines(vault.In("output"));
        Assert.Equal(["first", "next line", "No vault is unlocked.", "last"], lines.Where((_, index) => index != 1));
        Assert.StartsWith("Created", lines[1], StringComparison.Ordinal);
    }

    // Goal: a reader that leaves early makes no failure of a command that did its work.
    // Method: a pipe whose other end is closed before anything is written.
    [Fact]
    public void A_reader_that_leaves_is_no_failure()
    {
        using TestVault vault = new();

        CommandResult result = Shell.Bash($"{Checkout.Launcher} --help | true; {Checkout.Launcher} create {vault.Container} --passphrase-file {vault.PassphraseFile} {string.Join(' ', TestVault.CheapKeySlot)} | true", vault.Environment).Succeed();

        Assert.Empty(result.Error);
        Assert.True(File.Exists(vault.Container));
    }

    // Goal: an unlock that is killed leaves a whole mount or none, and never a server that nobody knows of.
    // Method: kill it at moments spread over its life; then the vault is listed and can be locked, or nothing is left.
    [Fact]
    public void A_killed_unlock_leaves_a_whole_mount_or_none()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Create().Succeed();

        for (int milliseconds = 100; milliseconds <= 800; milliseconds += 50)
        {
            using Process unlock = Shell.Start([Checkout.Launcher, "unlock", vault.Container, vault.MountPoint, "--passphrase-file", vault.PassphraseFile], vault.Environment);
            Thread.Sleep(milliseconds);
            unlock.Kill();
            unlock.WaitForExit();

            // A server that has begun comes to its report; then it serves for good, or sees that nobody listens and ends.
            Assert.True(SpinWait.SpinUntil(() => vault.List().Count == 1 || !HasServer(vault), TimeSpan.FromSeconds(20)));
            Thread.Sleep(500);
            if (vault.IsMounted())
            {
                Assert.Equal("serving", Assert.Single(vault.List()).GetProperty("state").GetString());
                vault.Lock().Succeed();
            }

            Assert.False(HasServer(vault));
        }

        vault.Unlock().Succeed();
    }

    // Goal: in the foreground the same is served until Ctrl-C, which locks and returns 0.
    // Method: SIGINT, as the terminal sends it.
    [Fact]
    public void The_foreground_serves_until_interrupted()
    {
        Requires.Fuse();
        using TestVault vault = new();
        vault.Create().Succeed();
        using Process server = Shell.Start([Checkout.Launcher, "unlock", vault.Container, vault.MountPoint, "--foreground", "--passphrase-file", vault.PassphraseFile], vault.Environment);
        Assert.StartsWith("Unlocked", server.StandardOutput.ReadLine(), StringComparison.Ordinal);
        vault.InMount("echo text > file").Succeed();
        Assert.Equal(server.Id, vault.ServerPid());

        Shell.Run(["kill", "-INT", $"{server.Id}"]).Succeed();

        Assert.True(server.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, server.ExitCode);
        Assert.False(vault.IsMounted());
        vault.Unlock().Succeed();
        Assert.Equal("text\n", File.ReadAllText(vault.Mounted("file")));
    }

    // Goal: a person at a terminal is asked, twice for a new passphrase, and never sees it; unlock offers to make a vault.
    // Method: script(1) gives a terminal; its record holds the prompts and not the passphrase.
    [Fact]
    public void A_person_is_asked_without_echo()
    {
        Requires.Fuse();
        Requires.Program("script");
        using TestVault vault = new();
        const string secret = "typed-secret-7391";

        string differing = AtTerminal(vault, 4, $"create {vault.Container} --kdf-memory 64 --kdf-iterations 1", ("test.vault: ", secret), ("again: ", secret + "x"));
        Assert.False(File.Exists(vault.Container));
        string made = AtTerminal(vault, 0, $"unlock {vault.Container} {vault.MountPoint}", ("[y/N] ", "y"), ("test.vault: ", secret), ("again: ", secret));
        vault.InMount("echo text > file").Succeed();
        vault.Lock().Succeed();
        string opened = AtTerminal(vault, 0, $"unlock {vault.Container} {vault.MountPoint}", ("test.vault: ", "wrong"), ("test.vault: ", secret));
        Assert.Equal("text\n", File.ReadAllText(vault.Mounted("file")));
        vault.Lock().Succeed();
        string refused = AtTerminal(vault, 20, $"unlock {vault.In("another.vault")} {vault.MountPoint}", ("[y/N] ", "n"));

        Assert.Contains("differ", differing, StringComparison.Ordinal);
        Assert.Contains("Make one? [y/N]", made, StringComparison.Ordinal);
        Assert.Contains("The same again:", made, StringComparison.Ordinal);
        Assert.Contains("Wrong passphrase", opened, StringComparison.Ordinal);
        Assert.False(File.Exists(vault.In("another.vault")));
        Assert.All([differing, made, opened, refused], text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    // Goal: Ctrl-C at the prompt ends the command and gives the terminal its echo back.
    // Method: the terminal's settings before and after, in one session of script(1).
    [Fact]
    public void Ctrl_c_at_the_prompt_restores_the_echo()
    {
        Requires.Program("script", "stty");
        using TestVault vault = new();
        vault.Create().Succeed();
        // A shell that catches the signal, or it would end as well.
        string session = $"trap : INT; stty -a > {vault.In("before")}; {Checkout.Launcher} unlock {vault.Container} {vault.MountPoint}; echo code $?; stty -a > {vault.In("after")}";
        using Process process = Shell.Start(["script", "--quiet", "--command", $"bash -c {Shell.Quote(session)}", "/dev/null"], vault.Environment);
        WaitFor(process, "test.vault: ", []);
        process.StandardInput.Write('\u0003');
        process.StandardInput.Flush();

        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Contains("code 130", process.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(vault.In("before")), File.ReadAllText(vault.In("after")));
        Assert.Contains(" echo ", File.ReadAllText(vault.In("after")), StringComparison.Ordinal);
    }

    private static bool HasServer(TestVault vault) =>
        Shell.Run(["pgrep", "--full", $"vaultfs serve {vault.Container} "]).ExitCode == 0;

    /// <summary>Runs vaultfs in a terminal and answers each of its questions with a line.</summary>
    private static string AtTerminal(TestVault vault, int exitCode, string arguments, params (string Prompt, string Answer)[] dialogue)
    {
        using Process process = Shell.Start(["script", "--quiet", "--return", "--command", $"{Checkout.Launcher} {arguments}", "/dev/null"], vault.Environment);
        using Timer watchdog = new(_ => process.Kill(), null, TimeSpan.FromSeconds(60), Timeout.InfiniteTimeSpan);
        List<byte> seen = [];
        foreach ((string prompt, string answer) in dialogue)
        {
            WaitFor(process, prompt, seen);
            process.StandardInput.Write(answer + "\n");
            process.StandardInput.Flush();
        }

        string rest = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        string text = Encoding.UTF8.GetString([.. seen]) + rest;
        Assert.True(process.ExitCode == exitCode, $"{arguments} returned {process.ExitCode}, not {exitCode}\n{text}");
        return text;
    }

    /// <summary>Reads on until what is read from here on ends with the text.</summary>
    private static void WaitFor(Process process, string text, List<byte> seen)
    {
        int from = seen.Count;
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        Stream output = process.StandardOutput.BaseStream;
        while (!CollectionsMarshal.AsSpan(seen)[from..].EndsWith(wanted))
        {
            int value = output.ReadByte();
            Assert.True(value >= 0, $"The terminal closed before '{text}': {Encoding.UTF8.GetString([.. seen])}");
            seen.Add((byte)value);
        }
    }
}
