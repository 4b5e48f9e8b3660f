using Microsoft.Extensions.Logging;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Dispatch;

/// <summary>What this layer logs: operations and inode numbers, never names or contents.</summary>
internal static partial class FuseLog
{
    [LoggerMessage(1, LogLevel.Critical, "{Opcode} on inode {Inode} failed unexpectedly; answered EIO. {ExceptionType}\n{StackTrace}")]
    public static partial void RequestFailed(ILogger logger, FuseOpcode opcode, ulong inode, string exceptionType, string? stackTrace);

    [LoggerMessage(2, LogLevel.Error, "Reading from the FUSE device failed with errno {Errno}; one serving thread ends.")]
    public static partial void DeviceReadFailed(ILogger logger, int errno);

    [LoggerMessage(3, LogLevel.Error, "The kernel refused the reply to {Opcode} on inode {Inode} with errno {Errno}.")]
    public static partial void ReplyRefused(ILogger logger, FuseOpcode opcode, ulong inode, int errno);

    [LoggerMessage(4, LogLevel.Warning, "The FUSE device cannot be cloned (errno {Errno}); the serving threads share one channel.")]
    public static partial void CloneFailed(ILogger logger, int errno);

    [LoggerMessage(5, LogLevel.Error, "A request of {ByteCount} bytes has no complete header; it was dropped.")]
    public static partial void RequestWithoutHeader(ILogger logger, int byteCount);

    [LoggerMessage(6, LogLevel.Debug, "The mount's {Setting} could not be tuned: {Reason}")]
    public static partial void TuningFailed(ILogger logger, string setting, string reason);
}
