using System.Runtime.InteropServices;
using System.Text;
using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// The terminal of this session, opened apart from standard input and output: asks a person though these are
/// redirected.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const string DevicePath = "/dev/tty";

    private readonly FileStream _device;

    private Terminal(FileStream device) => _device = device;

    /// <exception cref="CliException">There is no terminal.</exception>
    public static Terminal Open() => TryOpen() ?? throw new CliException(
        ExitCode.CredentialUnavailable, "There is no terminal to ask for the passphrase.", "Use --passphrase-file, --passphrase-fd or --keyfile.");

    /// <returns>Null if this session has no terminal.</returns>
    public static Terminal? TryOpen()
    {
        try
        {
            return new Terminal(new FileStream(DevicePath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Asks a question whose answer is yes only if it begins with 'y'.</summary>
    public bool Confirm(string question)
    {
        Write(question + " [y/N] ");
        Span<byte> answer = stackalloc byte[64];
        int count = _device.Read(answer);
        return count > 0 && (answer[0] | 0x20) == 'y';
    }

    /// <summary>
    /// Asks for a line without showing it. Echo comes back also when a signal ends the process; suspending it is
    /// off meanwhile, because the shell would give the terminal to others with echo off.
    /// </summary>
    public SecretLine AskSecret(string prompt)
    {
        int descriptor = (int)_device.SafeFileHandle.DangerousGetHandle();
        Check(Libc.tcgetattr(descriptor, out Termios saved));
        Termios silent = saved;
        silent.LocalFlags = (silent.LocalFlags & ~Termios.ECHO) | Termios.ECHONL;
        silent.Characters[Termios.VSUSP] = 0;

        void Restore(PosixSignalContext context) => Check(Libc.tcsetattr(descriptor, Libc.TCSAFLUSH, saved));
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Restore);
        using PosixSignalRegistration quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Restore);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Restore);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Restore);
        Check(Libc.tcsetattr(descriptor, Libc.TCSAFLUSH, silent));
        try
        {
            Write(prompt);
            return SecretLine.Read(_device.SafeFileHandle, "the terminal");
        }
        finally
        {
            Check(Libc.tcsetattr(descriptor, Libc.TCSAFLUSH, saved));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    private void Write(string text) => _device.Write(Encoding.UTF8.GetBytes(text));

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new CliException(ExitCode.CredentialUnavailable, $"The terminal refused to switch its echo: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }
}
