using System.Runtime.CompilerServices;
using Vault.Fuse.Interop;

namespace Vault.Fuse.Tests.Protocol;

public sealed class LibCStructureTests
{
    private const string Program =
        """
        #define _GNU_SOURCE
        #include <signal.h>
        #include <spawn.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/statfs.h>
        #define P(label, value) printf(label " %lld\n", (long long)(value))
        int main(void) {
            P("iovec", sizeof(struct iovec));
            P("msghdr", sizeof(struct msghdr));
            P("msghdr.control", offsetof(struct msghdr, msg_control));
            P("descriptor message", CMSG_SPACE(sizeof(int)));
            P("descriptor message data", CMSG_LEN(0));
            P("sigaction", sizeof(struct sigaction));
            P("sigaction.flags", offsetof(struct sigaction, sa_flags));
            P("file actions", sizeof(posix_spawn_file_actions_t));
            P("statfs", sizeof(struct statfs));
            P("statx", sizeof(struct statx));
            return 0;
        }
        """;

    // Goal: what is handed to the C library has its layout, or at least room for it.
    // Method: sizeof and offsetof from a compiled C program.
    [Fact]
    public unsafe void Structures_have_the_layout_of_the_C_library()
    {
        Dictionary<string, long> expected = CProgram.CompileAndRun(Program);
        MessageHeader message = default;
        SignalAction action = default;
        DescriptorMessage descriptor = default;
        Assert.Equal(expected["iovec"], Unsafe.SizeOf<IoVector>());
        Assert.Equal(expected["msghdr"], Unsafe.SizeOf<MessageHeader>());
        Assert.Equal(expected["msghdr.control"], (byte*)&message.Control - (byte*)&message);
        Assert.Equal(expected["descriptor message"], Unsafe.SizeOf<DescriptorMessage>());
        Assert.Equal(expected["descriptor message data"], (byte*)&descriptor.Descriptor - (byte*)&descriptor);
        Assert.Equal(expected["sigaction"], Unsafe.SizeOf<SignalAction>());
        Assert.Equal(expected["sigaction.flags"], (byte*)&action.Flags - (byte*)&action);
        Assert.InRange(expected["file actions"], 1, ChildProgram.FileActionsBytes);
        Assert.InRange(expected["statfs"], 1, MountCalls.ResultBytes);
        Assert.InRange(expected["statx"], 1, MountCalls.ResultBytes);
    }
}
