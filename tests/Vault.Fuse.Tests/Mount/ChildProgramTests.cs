using Vault.Fuse.Interop;

namespace Vault.Fuse.Tests.Mount;

public sealed class ChildProgramTests
{
    // Goal: output, errors and the exit code of a program reach us, and it has just the environment that it was given.
    // Method: a shell.
    [Theory]
    [InlineData("echo out; echo $NAME >&2", true, "out\nvalue")]
    [InlineData("echo bad >&2; exit 3", false, "bad")]
    [InlineData("env | grep -c HOME", false, "0")]
    public void A_program_is_run(string script, bool succeeds, string output)
    {
        Assert.Equal(0, ChildProgram.TryStart("/bin/sh", ["-c", script], ["NAME=value", "PATH=/usr/bin:/bin"], passed: null, out ChildProgram? child));
        using (child)
        {
            Assert.Equal(succeeds, child!.WaitForEnd(out string text));
            Assert.Equal(output, text);
        }
    }

    // Goal: a program that is not there is an error number, not an exception.
    // Method: a path that does not exist.
    [Fact]
    public void A_missing_program_is_reported()
    {
        Assert.Equal(SystemError.ENOENT, ChildProgram.TryStart("/nowhere", [], [], passed: null, out ChildProgram? child));
        Assert.Null(child);
    }

    // Goal: a program that ends without passing a file is noticed at once.
    // Method: one that holds the socket and ends.
    [Fact]
    public void A_program_that_passes_nothing_is_noticed()
    {
        Assert.Equal(0, DescriptorSocket.TryCreate(out DescriptorSocket? socket));
        using (socket)
        {
            Assert.Equal(0, ChildProgram.TryStart("/bin/sh", ["-c", "test -S /proc/self/fd/3"], [], socket!.Theirs, out ChildProgram? child));
            using (child)
            {
                socket.Theirs.Dispose();
                Assert.Null(socket.Receive());
                Assert.True(child!.WaitForEnd(out _));
            }
        }
    }
}
