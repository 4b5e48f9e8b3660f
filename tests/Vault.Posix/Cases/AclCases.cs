namespace Vault.Posix.Cases;

/// <summary>POSIX ACLs, as acl(5) has them.</summary>
internal static class AclCases
{
    private static readonly string BobReads = $"u::rw-,u:{Bob.Uid}:r--,g::---,m::r--,o::---";

    public static readonly Group AccessAcl = new("acl")
    {
        { "a named user gets what its entry says", () =>
        {
            File("f", "text", 0600, Alice);
            Acl.SetAccess("f", BobReads).Ok();
            As(Bob, () =>
            {
                Content("f").Is("text");
                open("f", O_WRONLY).Fails(EACCES);
            });
            As(Carol, () => open("f", O_RDONLY).Fails(EACCES));
            Acl.Access("f").Is(BobReads);
        } },
        { "a named group gets what its entry says", () =>
        {
            File("f", "text", 0600);
            Acl.SetAccess("f", $"u::rw-,g::---,g:{Alice.Gid}:rw-,m::rw-,o::---").Ok();
            As(Carol, () => open("f", O_RDWR).Ok());
            As(Dave, () => open("f", O_RDWR).Ok());
            As(Bob, () => open("f", O_RDONLY).Fails(EACCES));
        } },
        { "the mask limits named users and groups and the owning group", () =>
        {
            File("f", "text", 0600);
            chown("f", -1, (int)Alice.Gid).Ok();
            Acl.SetAccess("f", $"u::rw-,u:{Bob.Uid}:rwx,g::rwx,m::r--,o::---").Ok();
            As(Bob, () => { open("f", O_RDONLY).Ok(); open("f", O_WRONLY).Fails(EACCES); });
            As(Carol, () => { open("f", O_RDONLY).Ok(); open("f", O_WRONLY).Fails(EACCES); });
        } },
        { "one matching group that allows is enough", () =>
        {
            File("f", "text", 0600);
            Acl.SetAccess("f", $"u::rw-,g::---,g:{Dave.Gid}:---,g:4005:r--,m::rwx,o::---").Ok();
            As(Dave, () => { open("f", O_RDONLY).Ok(); open("f", O_WRONLY).Fails(EACCES); });
        } },
        { "the group bits of the mode are the mask", () =>
        {
            File("f", "", 0600);
            Acl.SetAccess("f", $"u::rw-,u:{Bob.Uid}:rw-,g::r--,m::rw-,o::---").Ok();
            Stat("f").Mode.Is(0660);
        } },
        { "chmod changes the mask, the owner's and the others' entries", () =>
        {
            File("f", "", 0600);
            Acl.SetAccess("f", $"u::rw-,u:{Bob.Uid}:rw-,g::rw-,m::rw-,o::---").Ok();
            chmod("f", 0744).Ok();
            Acl.Access("f").Is($"u::rwx,u:{Bob.Uid}:rw-,g::rw-,m::r--,o::r--");
            As(Bob, () => { open("f", O_RDONLY).Ok(); open("f", O_WRONLY).Fails(EACCES); });
            Stat("f").Mode.Is(0744);
        } },
        { "an ACL that says no more than a mode becomes the mode, and is none", () =>
        {
            File("f", "", 0600);
            Acl.SetAccess("f", "u::rwx,g::r-x,o::--x").Ok();
            Stat("f").Mode.Is(0751);
            Acl.Access("f").Is("");
        } },
        { "removing it leaves the mode", () =>
        {
            File("f", "", 0600);
            Acl.SetAccess("f", BobReads).Ok();
            removexattr("f", Acl.AccessName).Ok();
            Acl.Access("f").Is("");
            Stat("f").Mode.Is(0640);
            As(Bob, () => open("f", O_RDONLY).Fails(EACCES));
        } },
        { "sets ctime", () =>
        {
            File("f", "", 0600);
            Sets("f", Times.Change, () => Acl.SetAccess("f", BobReads).Ok());
        } },
        { "listed among the extended attributes", () =>
        {
            File("f", "", 0600);
            Acl.SetAccess("f", BobReads).Ok();
            byte[] names = new byte[1000];
            Text(names.AsSpan(0, listxattr("f", names, 1000).Ok())).Split('\0').Contains(Acl.AccessName).Is(true);
        } },
        { "one without entries removes it", () =>
        {
            File("f", "", 0600);
            Acl.SetAccess("f", BobReads).Ok();
            Acl.Set("f", Acl.AccessName, [2, 0, 0, 0]).Ok();
            Acl.Access("f").Is("");
        } },
        { "setgid stays if the owner is of the group", () =>
        {
            File("f", "", 02755, Alice);
            As(Alice, () => Acl.SetAccess("f", "u::rwx,g::r-x,o::--x").Ok());
            Stat("f").Mode.Is(02751);
        } },
        { "setgid goes if the owner is not of the group", () =>
        {
            File("f", "", 0755, Alice);
            chown("f", -1, (int)Bob.Gid).Ok();
            chmod("f", 02755).Ok();
            As(Alice, () => Acl.SetAccess("f", "u::rwx,g::r-x,o::r-x").Ok());
            Stat("f").Mode.Is(0755);
        } },
        { "EPERM: who does not own the file", () =>
        {
            File("f", "", 0666, Alice);
            As(Bob, () => Acl.SetAccess("f", BobReads).Fails(EPERM));
            As(Alice, () => Acl.SetAccess("f", BobReads).Ok());
        } },
        { "EINVAL: no owner's entry, a named entry without a mask, two of one kind, nonsense", () =>
        {
            File("f");
            Acl.SetAccess("f", "g::r--,o::r--").Fails(EINVAL);
            Acl.SetAccess("f", $"u::rw-,u:{Bob.Uid}:r--,g::r--,o::r--").Fails(EINVAL);
            Acl.SetAccess("f", "u::rw-,u::rw-,g::r--,o::r--").Fails(EINVAL);
            Acl.Set("f", Acl.AccessName, [1, 2, 3]).Fails(EINVAL);
        } },
        { "EOPNOTSUPP: an ACL of a symlink", () =>
        {
            symlink("t", "s").Ok();
            byte[] value = Acl.Encode(BobReads);
            lsetxattr("s", Acl.AccessName, value, (nuint)value.Length, 0).Fails(EOPNOTSUPP);
        } },
        { "stays over rename and link", () =>
        {
            File("f", "text", 0600);
            Acl.SetAccess("f", BobReads).Ok();
            rename("f", "g").Ok();
            link("g", "h").Ok();
            Acl.Access("h").Is(BobReads);
            As(Bob, () => Content("h").Is("text"));
        } },
        { "the owner's entry is the owner's bits", () =>
        {
            File("f", "text", 0600, Alice);
            Acl.SetAccess("f", $"u::---,u:{Bob.Uid}:r--,g::r--,m::r--,o::r--").Ok();
            As(Alice, () => open("f", O_RDONLY).Fails(EACCES));
            As(Bob, () => open("f", O_RDONLY).Ok());
        } },
        { "many entries", () =>
        {
            File("f", "text", 0600);
            string acl = "u::rw-," + string.Concat(Enumerable.Range(5000, 100).Select(uid => $"u:{uid}:r--,")) + "g::---,m::r--,o::---";
            Acl.SetAccess("f", acl).Ok();
            Acl.Access("f").Is(acl);
            As(new User(5077, 5077), () => Content("f").Is("text"));
        } },
    };

    public static readonly Group DefaultAcl = new("acl, default")
    {
        { "what is made in the directory gets it as its own", () =>
        {
            Directory("d", 0755);
            Acl.SetDefault("d", $"u::rwx,u:{Bob.Uid}:rwx,g::r-x,m::rwx,o::---").Ok();
            open("d/f", O_WRONLY | O_CREAT, 0666).Ok();
            Acl.Access("d/f").Is($"u::rw-,u:{Bob.Uid}:rwx,g::r-x,m::rw-,o::---");
            Stat("d/f").Mode.Is(0660);
        } },
        { "the umask does not count where there is one", () => WithUmask(0077, () =>
        {
            Directory("d", 0755);
            Acl.SetDefault("d", "u::rwx,g::rwx,o::r-x").Ok();
            open("d/f", O_WRONLY | O_CREAT, 0666).Ok();
            mkdir("d/e", 0777).Ok();
            (Stat("d/f").Mode, Stat("d/e").Mode).Is(((Mode)0664, (Mode)0775));
        }) },
        { "without one the umask counts", () => WithUmask(0027, () =>
        {
            Directory("d", 0755);
            open("d/f", O_WRONLY | O_CREAT, 0666).Ok();
            Stat("d/f").Mode.Is(0640);
        }) },
        { "a directory inherits it as its default too", () =>
        {
            string acl = $"u::rwx,u:{Bob.Uid}:r-x,g::r-x,m::r-x,o::---";
            Directory("d", 0755);
            Acl.SetDefault("d", acl).Ok();
            mkdir("d/e", 0777).Ok();
            Acl.Default("d/e").Is(acl);
            Acl.Access("d/e").Is(acl);
            open("d/f", O_WRONLY | O_CREAT, 0666).Ok();
            Acl.Default("d/f").Is("");
        } },
        { "it changes nothing of who may enter the directory itself", () =>
        {
            Directory("d", 0700);
            Acl.SetDefault("d", $"u::rwx,u:{Bob.Uid}:rwx,g::rwx,m::rwx,o::rwx").Ok();
            Stat("d").Mode.Is(0700);
            As(Bob, () => open("d/f", O_WRONLY | O_CREAT, 0644).Fails(EACCES));
        } },
        { "fifos and nodes inherit it, symlinks do not", () =>
        {
            Directory("d", 0755);
            Acl.SetDefault("d", $"u::rwx,u:{Bob.Uid}:rw-,g::r-x,m::rwx,o::---").Ok();
            mkfifo("d/p", 0666).Ok();
            symlink("t", "d/s").Ok();
            Acl.Access("d/p").Is($"u::rw-,u:{Bob.Uid}:rw-,g::r-x,m::rw-,o::---");
            Lstat("d/s").Mode.Is(0777);
        } },
        { "files without a name inherit it", () =>
        {
            Directory("d", 0755);
            Acl.SetDefault("d", $"u::rwx,u:{Bob.Uid}:rwx,g::r-x,m::rwx,o::---").Ok();
            Stat(open("d", O_RDWR | O_TMPFILE, 0666).Ok()).Mode.Is(0660);
        } },
        { "EACCES: a default ACL of a file", () =>
        {
            File("f");
            Acl.SetDefault("f", "u::rwx,g::rwx,o::r-x").Fails(EACCES);
        } },
        { "removing it ends inheritance", () =>
        {
            Directory("d", 0755);
            Acl.SetDefault("d", $"u::rwx,u:{Bob.Uid}:rwx,g::r-x,m::rwx,o::---").Ok();
            removexattr("d", Acl.DefaultName).Ok();
            open("d/f", O_WRONLY | O_CREAT, 0644).Ok();
            (Acl.Access("d/f"), Stat("d/f").Mode).Is(("", (Mode)0644));
        } },
    };
}
