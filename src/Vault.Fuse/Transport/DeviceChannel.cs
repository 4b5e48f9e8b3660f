using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Interop;

namespace Vault.Fuse.Transport;

/// <summary>One open /dev/fuse of a connection. A reply must go out on the channel that its request came in on.</summary>
internal sealed class DeviceChannel(SafeFileHandle device) : IDisposable
{
    private readonly int _fd = (int)device.DangerousGetHandle();

    /// <summary>Opens another channel of the same connection, so that replies of several threads share no lock.</summary>
    /// <param name="errno">Why not; 0 if it worked.</param>
    public DeviceChannel? TryClone(out int errno)
    {
        errno = DeviceCalls.Open(out SafeFileHandle? fresh);
        if (fresh is null)
            return null;
        errno = DeviceCalls.Clone(fresh, device);
        if (errno == 0)
            return new DeviceChannel(fresh);
        fresh.Dispose();
        return null;
    }

    /// <summary>Waits for a request.</summary>
    /// <returns>Its bytes, or a negated error number.</returns>
    public int Receive(Span<byte> buffer) => DeviceCalls.Read(_fd, buffer);

    /// <summary>Sends a reply.</summary>
    /// <returns>0, or the error number.</returns>
    public int Send(ReadOnlySpan<byte> reply) => DeviceCalls.Write(_fd, reply);

    /// <summary>Sends what answers no request, from any thread, whoever closes the channel meanwhile: the descriptor's number may be another file's then.</summary>
    public void Notify(ReadOnlySpan<byte> message)
    {
        bool isHeld = false;
        try
        {
            device.DangerousAddRef(ref isHeld);
            _ = Send(message);
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended: there is nobody to tell.
        }
        finally
        {
            if (isHeld)
                device.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();
}
