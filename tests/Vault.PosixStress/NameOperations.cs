namespace Vault.PosixStress;

/// <summary>Operations on names and attributes, and which files are kept open.</summary>
internal sealed class NameOperations(Twins twins, Contents contents, Random random)
{
    private const int SlotCount = 4;

    private static readonly string[] s_directories = ["", "d/", "e/", "d/f/"];
    private static readonly string[] s_names = ["d", "e", "f", "one", "two", "three", "four", "five"];
    private static readonly string[] s_xattrs = ["user.a", "user.b", "user.longer name"];
    private static readonly int[] s_modes = [0600, 0644, 0755, 0700, 0640, 0666];

    private readonly OpenPair?[] _slots = new OpenPair?[SlotCount];

    public void Step()
    {
        string path = AnyPath();
        string other = AnyPath();
        string xattr = s_xattrs[random.Next(s_xattrs.Length)];
        switch (random.Next(20))
        {
            case 0 or 1 or 2 or 3:
                Create(path);
                break;
            case 4 or 5:
                twins.Both($"mkdir {path}", root => mkdir(At(root, path), 0755));
                break;
            case 6 or 7:
                twins.Both($"unlink {path}", root => unlink(At(root, path)));
                break;
            case 8:
                twins.Both($"rmdir {path}", root => rmdir(At(root, path)));
                break;
            case 9 or 10:
                uint flags = (uint)random.Next(3); // 0, RENAME_NOREPLACE, RENAME_EXCHANGE
                twins.Both($"rename {path} {other} {flags}", root => renameat2(AT_FDCWD, At(root, path), AT_FDCWD, At(root, other), flags));
                break;
            case 11:
                twins.Both($"link {path} {other}", root => link(At(root, path), At(root, other)));
                break;
            case 12:
                twins.Both($"symlink {other} {path}", root => symlink(other, At(root, path)));
                break;
            case 13:
                Mode mode = s_modes[random.Next(s_modes.Length)];
                twins.Both($"chmod {path} {mode}", root => chmod(At(root, path), mode));
                break;
            case 14:
                byte[] value = new byte[random.Next(300)];
                random.NextBytes(value);
                int flag = random.Next(3); // 0, XATTR_CREATE, XATTR_REPLACE
                twins.Both($"setxattr {path} {xattr} {value.Length} {flag}", root => setxattr(At(root, path), xattr, value, (nuint)value.Length, flag));
                break;
            case 15:
                twins.Both($"removexattr {path} {xattr}", root => removexattr(At(root, path), xattr));
                break;
            case 16:
                Time time = new(random.Next(), random.Next(1_000_000_000));
                twins.Both($"utimens {path}", root => utimensat(AT_FDCWD, At(root, path), [time, time], 0));
                break;
            case 17:
                twins.Both($"truncate {path}", root => truncate(At(root, path), -1));
                break;
            default:
                ChangeSlot();
                break;
        }
    }

    /// <summary>A regular file: one that is kept open, perhaps without a name, or one that is opened for this. Null: there is none.</summary>
    public OpenPair? Open()
    {
        OpenPair? kept = _slots[random.Next(SlotCount)];
        if (kept is not null && random.Next(2) == 0)
            return kept;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            if (TryOpen(AnyPath(), O_RDWR) is { } opened)
                return opened;
        }

        return kept;
    }

    /// <summary>Ends the use of what <see cref="Open"/> gave.</summary>
    public void Release(OpenPair file)
    {
        if (!_slots.Contains(file))
            file.Close();
    }

    public void CloseAll()
    {
        for (int i = 0; i < SlotCount; i++)
        {
            _slots[i]?.Close();
            _slots[i] = null;
        }
    }

    private static string At(string root, string path) => $"{root}/{path}";

    private void Create(string path)
    {
        Outcome outcome = twins.Both($"create {path}", root => Closed(open(At(root, path), O_RDWR | O_CREAT | O_EXCL, 0644)));
        if (outcome.Error == Errno.None && TryOpen(path, O_RDWR) is { } made)
        {
            contents.Set(made.Inode, []);
            made.Close();
        }
    }

    // Opens are kept while names come and go.
    private void ChangeSlot()
    {
        int slot = random.Next(SlotCount);
        _slots[slot]?.Close();
        _slots[slot] = TryOpen(AnyPath(), O_RDWR);
    }

    private OpenPair? TryOpen(string path, int flags)
    {
        int tested = -1;
        int right = -1;
        Outcome outcome = twins.Both($"open {path}", root =>
        {
            Outcome opened = open(At(root, path), flags);
            if (opened.Error != Errno.None)
                return opened;
            (root == twins.Twin ? ref right : ref tested) = (int)opened.Value;
            return default;
        });
        if (outcome.Error != Errno.None)
            return null;
        statx(right, "", AT_EMPTY_PATH, StatxBuffer.BasicStats, out StatxBuffer buffer).Ok();
        return new OpenPair(path, tested, right, new Stat(buffer).Inode);
    }

    private static Outcome Closed(Outcome opened)
    {
        if (opened.Error != Errno.None)
            return opened;
        close((int)opened.Value).Ok();
        return default;
    }

    private string AnyPath() => s_directories[random.Next(s_directories.Length)] + s_names[random.Next(s_names.Length)];
}
