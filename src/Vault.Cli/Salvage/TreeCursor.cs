using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// Finds directories below a root, a component at a time and never through a symlink: no path leads out, whatever was put
/// there before. Remembers the last directory, since many paths in a row lie in the same one. For one thread.
/// </summary>
internal sealed class TreeCursor(SafeFileHandle root) : IDisposable
{
    private const int MaximumNameBytes = 255;

    private readonly byte[] _name = new byte[MaximumNameBytes + 1];
    private byte[] _directoryPath = [];
    private SafeFileHandle? _directory;

    /// <summary>Finds where a path's last component is.</summary>
    /// <param name="path">Relative; '/' between components.</param>
    /// <param name="parent">Its directory; valid until the next call.</param>
    /// <param name="name">Its last component, with a zero byte; valid until the next call.</param>
    /// <returns>0, or the errno.</returns>
    /// <exception cref="ArgumentException">A component is empty, "." or "..", or holds a zero byte.</exception>
    public int Find(ReadOnlySpan<byte> path, out SafeFileHandle parent, out ReadOnlySpan<byte> name)
    {
        int separator = path.LastIndexOf((byte)'/');
        int error = 0;
        if (separator < 0)
        {
            Leave();
        }
        else
        {
            error = EnterBelow(path[..separator]);
        }

        parent = _directory ?? root;
        name = default;
        return error != 0 ? error : Terminate(path[(separator + 1)..], out name);
    }

    /// <inheritdoc/>
    public void Dispose() => Leave();

    private void Leave()
    {
        _directory?.Dispose();
        _directory = null;
        _directoryPath = [];
    }

    private int EnterBelow(ReadOnlySpan<byte> path)
    {
        if (!path.IsEmpty && path.SequenceEqual(_directoryPath))
        {
            return 0;
        }

        Leave();
        foreach (Range range in path.Split((byte)'/'))
        {
            int error = Terminate(path[range], out ReadOnlySpan<byte> name);
            if (error != 0)
            {
                return error;
            }

            error = LibcTree.OpenDirectory(_directory ?? root, name, out SafeFileHandle next);
            _directory?.Dispose();
            _directory = null;
            if (error != 0)
            {
                next.Dispose();
                return error;
            }

            _directory = next;
        }

        _directoryPath = path.ToArray();
        return 0;
    }

    private int Terminate(ReadOnlySpan<byte> component, out ReadOnlySpan<byte> name)
    {
        if (component.IsEmpty || component.SequenceEqual("."u8) || component.SequenceEqual(".."u8) || component.Contains((byte)0))
        {
            throw new ArgumentException("Not a path below the root.");
        }

        name = default;
        if (component.Length > MaximumNameBytes)
        {
            return LibcTree.ENAMETOOLONG;
        }

        component.CopyTo(_name);
        _name[component.Length] = 0;
        name = _name.AsSpan(0, component.Length + 1);
        return 0;
    }
}
