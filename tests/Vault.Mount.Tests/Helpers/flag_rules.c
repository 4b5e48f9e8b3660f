// What chattr(1) sets: immutable and append-only inodes, and who may make them so. With "opened-before" as third argument what is
// refused at open(2) is not looked at, only what is refused to files that are open.
#include "rules.h"
#include <linux/fs.h>
#include <sys/ioctl.h>

static bool only_opened;

static int get_flags(const char *path)
{
    int flags = -1, fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags))
        flags = -1;
    close(fd);
    return flags & (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL);
}

// Keeps the flags that a file system has of its own (ext4: extents).
static int set_flags(const char *path, int flags)
{
    int all = 0, fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return -1;
    int result = ioctl(fd, FS_IOC_GETFLAGS, &all);
    all = (all & ~(FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL)) | flags;
    result = result ? result : ioctl(fd, FS_IOC_SETFLAGS, &all);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static void refuses_changes(const char *path, int descriptor)
{
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};
    FAILS(unlink(path), EPERM);
    FAILS(rename(path, "moved"), EPERM);
    FAILS(rename("other", path), EPERM);
    FAILS(renameat2(AT_FDCWD, "other", AT_FDCWD, path, RENAME_EXCHANGE), EPERM);
    FAILS(link(path, "link"), EPERM);
    FAILS(chmod(path, 0600), EPERM);
    FAILS(chown(path, 5, -1), EPERM);
    FAILS(chown(path, -1, 5), EPERM);
    FAILS(utimensat(AT_FDCWD, path, times, 0), EPERM);
    FAILS(setxattr(path, "user.new", "1", 1, 0), EPERM);
    FAILS(removexattr(path, "user.kept"), EPERM);
    FAILS(setxattr(path, "system.posix_acl_access", "\2\0\0\0\1\0\7\0\377\377\377\377\4\0\5\0\377\377\377\377\40\0\5\0\377\377\377\377", 28, 0), EPERM);
    FAILS(truncate(path, 1), EPERM);
    FAILS(truncate(path, 100), EPERM);
    FAILS(ftruncate(descriptor, 1), EPERM);
    FAILS(open(path, O_WRONLY | O_TRUNC), EPERM);
    FAILS(open(path, O_WRONLY | O_TRUNC | O_APPEND), EPERM);
    if (!only_opened) {
        FAILS(open(path, O_WRONLY), EPERM);
        FAILS(open(path, O_RDWR | O_CREAT, 0644), EPERM);
    }

    char content[8] = "";
    int fd = open(path, O_RDONLY);
    CHECK(read(fd, content, sizeof content) == 7 && memcmp(content, "content", 7) == 0);
    CHECK(stat_of(path).st_size == 7 && stat_of(path).st_nlink == 1 && mode_of(path) == 0644 && getxattr(path, "user.kept", NULL, 0) == 1);
    close(fd);
}

static void immutable_files(void)
{
    make_file("file", 0644, "content");
    make_file("other", 0644, "");
    CHECK(setxattr("file", "user.kept", "1", 1, 0) == 0);
    int fd = open("file", O_RDWR);
    CHECK(set_flags("file", FS_IMMUTABLE_FL) == 0 && get_flags("file") == FS_IMMUTABLE_FL);
    refuses_changes("file", fd);
    FAILS(utimensat(AT_FDCWD, "file", NULL, 0), EPERM);
    FAILS(pwrite(fd, "X", 1, 0), EPERM);
    FAILS(pwrite(fd, "X", 1, 7), EPERM);
    FAILS(fallocate(fd, 0, 0, 4096), EPERM);
    FAILS(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), EPERM);
    int source = open("other", O_RDWR);
    CHECK(write(source, "source", 6) == 6);
    FAILS(copy_file_range(source, &(off_t){0}, fd, &(off_t){0}, 6, 0), EPERM);
    close(source);
    FAILS(fsync(fd), 0);
    if (!only_opened)
        FAILS(open("file", O_WRONLY | O_APPEND), EPERM);
    close(fd);
    CHECK(set_flags("file", 0) == 0);
    CHECK(close(open("file", O_WRONLY | O_TRUNC)) == 0 && unlink("file") == 0);
}

static void append_only_files(void)
{
    make_file("file", 0644, "content");
    make_file("other", 0644, "");
    CHECK(setxattr("file", "user.kept", "1", 1, 0) == 0);
    int opened = open("file", O_RDWR);
    CHECK(set_flags("file", FS_APPEND_FL) == 0 && get_flags("file") == FS_APPEND_FL);
    refuses_changes("file", opened);
    close(opened);
    CHECK(utimensat(AT_FDCWD, "file", NULL, 0) == 0);
    int reader = open("file", O_RDONLY), fd = open("file", O_RDWR | O_APPEND);
    char content[32] = "";
    CHECK(pread(reader, content, sizeof content, 0) == 7);
    CHECK(fd >= 0 && write(fd, " and more", 9) == 9);
    CHECK(pread(reader, content, sizeof content, 0) == 16 && memcmp(content, "content and more", 16) == 0);

    // The kernel lets nobody take O_APPEND back, or we refuse the write itself.
    if (!only_opened)
        CHECK(fcntl(fd, F_SETFL, 0) != 0 || pwrite(fd, "X", 1, 0) == -1);
    close(fd);
    CHECK(pread(reader, content, sizeof content, 0) == 16 && memcmp(content, "content and more", 16) == 0);
    close(reader);
    CHECK(set_flags("file", 0) == 0 && unlink("file") == 0);
}

static void protected_directories(void)
{
    CHECK(mkdir("directory", 0755) == 0 && mkdir("directory/sub", 0755) == 0);
    make_file("directory/file", 0644, "");
    make_file("outside", 0644, "");
    for (int flag = FS_IMMUTABLE_FL; flag; flag = flag == FS_IMMUTABLE_FL ? FS_APPEND_FL : 0) {
        int adding = flag == FS_IMMUTABLE_FL ? EPERM : 0;
        CHECK(set_flags("directory", flag) == 0);
        int fd = open("directory/new", O_CREAT | O_WRONLY, 0644);
        FAILS(fd < 0 ? -1 : 0, adding);
        close(fd);
        FAILS(mkdir("directory/newer", 0755), adding);
        FAILS(symlink("target", "directory/symlink"), adding);
        FAILS(mknod("directory/fifo", S_IFIFO | 0644, 0), adding);
        FAILS(link("outside", "directory/link"), adding);
        FAILS(unlink("directory/file"), EPERM);
        FAILS(rmdir("directory/sub"), EPERM);
        FAILS(rename("directory/file", "directory/renamed"), EPERM);
        FAILS(rename("directory/file", "out"), EPERM);
        FAILS(rename("outside", "directory/file"), EPERM);
        FAILS(rename("directory", "renamed"), EPERM);
        FAILS(chmod("directory", 0700), EPERM);
        make_file("directory/file", 0600, "what is in it may change");
    }

    CHECK(set_flags("directory", 0) == 0 && rename("directory", "renamed") == 0 && unlink("renamed/file") == 0);
}

static void flags_as_alice(void)
{
    FAILS(set_flags("mine", FS_IMMUTABLE_FL), EPERM);
    FAILS(set_flags("mine", FS_APPEND_FL), EPERM);
    CHECK(set_flags("mine", FS_NODUMP_FL | FS_NOATIME_FL) == 0 && get_flags("mine") == (FS_NODUMP_FL | FS_NOATIME_FL));
    FAILS(set_flags("foreign", FS_NODUMP_FL), EPERM);
    CHECK(get_flags("foreign") == FS_IMMUTABLE_FL);
    FAILS(set_flags("foreign", 0), EPERM);
}

static void who_may_set_flags(void)
{
    make_file("mine", 0644, "");
    make_file("foreign", 0644, "");
    CHECK(chown("mine", 1001, 1001) == 0);
    CHECK(set_flags("foreign", FS_IMMUTABLE_FL) == 0);
    as_user(1001, 1001, 1001, flags_as_alice);
    FAILS(set_flags("foreign", FS_IMMUTABLE_FL | FS_NODUMP_FL), EPERM);
    CHECK(set_flags("foreign", 0) == 0);
}

static void flags_are_inherited(void)
{
    CHECK(mkdir("directory", 0755) == 0 && set_flags("directory", FS_NODUMP_FL | FS_NOATIME_FL) == 0);
    make_file("directory/file", 0644, "");
    CHECK(mkdir("directory/sub", 0755) == 0);
    CHECK(get_flags("directory/file") == (FS_NODUMP_FL | FS_NOATIME_FL) && get_flags("directory/sub") == (FS_NODUMP_FL | FS_NOATIME_FL));
    CHECK(set_flags("directory", FS_APPEND_FL) == 0);
    make_file("directory/later", 0644, "");
    CHECK(get_flags("directory/later") == 0 && set_flags("directory", 0) == 0);
}

int main(int argc, char **argv)
{
    const char *base = start(argc, argv);
    only_opened = argc > 3 && strcmp(argv[3], "opened-before") == 0;
    RUN(immutable_files);
    RUN(append_only_files);
    RUN(protected_directories);
    RUN(who_may_set_flags);
    RUN(flags_are_inherited);
    return failed_rules;
}
