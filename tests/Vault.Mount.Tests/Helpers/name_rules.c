// What makes and moves names: files without one, renames with flags, nodes, long names, listings.
#include "rules.h"
#include <linux/fs.h>
#include <sys/socket.h>
#include <sys/un.h>

static void unnamed_files_can_be_named(void)
{
    struct stat s;
    char path[64];
    umask(027);
    int fd = open(".", O_TMPFILE | O_RDWR, 0666);
    CHECK(fd >= 0);
    CHECK(fstat(fd, &s) == 0 && s.st_nlink == 0 && (s.st_mode & 07777) == 0640);
    CHECK(write(fd, "content", 7) == 7);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK(linkat(AT_FDCWD, path, AT_FDCWD, "by-proc", AT_SYMLINK_FOLLOW) == 0);
    CHECK(fstat(fd, &s) == 0 && s.st_nlink == 1);
    CHECK(linkat(fd, "", AT_FDCWD, "by-descriptor", AT_EMPTY_PATH) == 0);
    CHECK(stat_of("by-proc").st_nlink == 2 && stat_of("by-proc").st_size == 7 && stat_of("by-proc").st_ino == stat_of("by-descriptor").st_ino);
    FAILS(linkat(AT_FDCWD, path, AT_FDCWD, "by-proc", AT_SYMLINK_FOLLOW), EEXIST);
    close(fd);

    fd = open(".", O_TMPFILE | O_EXCL | O_RDWR, 0666);
    CHECK(fd >= 0);
    FAILS(linkat(fd, "", AT_FDCWD, "refused", AT_EMPTY_PATH), ENOENT);
    close(fd);
    FAILS(open(".", O_TMPFILE | O_RDONLY, 0666), EINVAL);
    FAILS(open("by-proc", O_TMPFILE | O_RDWR, 0666), ENOTDIR);

    make_file("unlinked", 0644, "x");
    fd = open("unlinked", O_RDWR);
    CHECK(unlink("unlinked") == 0);
    FAILS(linkat(fd, "", AT_FDCWD, "back", AT_EMPTY_PATH), ENOENT);
    close(fd);
}

static void rename_flags(void)
{
    make_file("a", 0644, "a");
    make_file("b", 0644, "b");
    FAILS(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
    CHECK(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE) == 0);
    FAILS(renameat2(AT_FDCWD, "c", AT_FDCWD, "missing", RENAME_EXCHANGE), ENOENT);
    CHECK(mkdir("directory", 0755) == 0 && mkdir("directory/inner", 0755) == 0);
    ino_t file = stat_of("c").st_ino, directory = stat_of("directory").st_ino;
    CHECK(renameat2(AT_FDCWD, "c", AT_FDCWD, "directory", RENAME_EXCHANGE) == 0);
    CHECK(stat_of("directory").st_ino == file && stat_of("c").st_ino == directory);
    FAILS(renameat2(AT_FDCWD, "c", AT_FDCWD, "c/inner", RENAME_EXCHANGE), EINVAL);
    CHECK(renameat2(AT_FDCWD, "c/inner", AT_FDCWD, "b", RENAME_EXCHANGE) == 0);
    CHECK(S_ISDIR(stat_of("b").st_mode) && S_ISREG(stat_of("c/inner").st_mode) && stat_of("c").st_nlink == 2);
    FAILS(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_EXCHANGE | RENAME_NOREPLACE), EINVAL);
    CHECK(renameat2(AT_FDCWD, "c/inner", AT_FDCWD, "moved", RENAME_WHITEOUT) == 0);
    struct stat mark = stat_of("c/inner");
    CHECK(S_ISCHR(mark.st_mode) && mark.st_rdev == 0);
}

static void nodes(void)
{
    umask(027);
    CHECK(mknod("fifo", S_IFIFO | 0666, 0) == 0 && mode_of("fifo") == 0640);
    CHECK(mknod("socket", S_IFSOCK | 0777, 0) == 0 && mode_of("socket") == 0750);
    CHECK(mknod("character", S_IFCHR | 0600, makedev(0x123, 0xABCDE)) == 0);
    CHECK(mknod("block", S_IFBLK | 0600, makedev(7, 300)) == 0);
    CHECK(mknod("regular", S_IFREG | 0666, 0) == 0 && mode_of("regular") == 0640);
    CHECK(S_ISCHR(stat_of("character").st_mode) && stat_of("character").st_rdev == makedev(0x123, 0xABCDE));
    CHECK(S_ISBLK(stat_of("block").st_mode) && stat_of("block").st_rdev == makedev(7, 300));
    struct statx x;
    CHECK(statx(AT_FDCWD, "character", 0, STATX_ALL, &x) == 0 && x.stx_rdev_major == 0x123 && x.stx_rdev_minor == 0xABCDE);
    FAILS(mknod("fifo", S_IFIFO | 0666, 0), EEXIST);

    int reader = open("fifo", O_RDONLY | O_NONBLOCK), writer = open("fifo", O_WRONLY);
    char got[4] = "";
    CHECK(write(writer, "fifo", 4) == 4 && read(reader, got, 4) == 4 && memcmp(got, "fifo", 4) == 0);
    close(reader);
    close(writer);

    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "bound"};
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(server, (struct sockaddr *)&address, sizeof address) == 0 && listen(server, 1) == 0);
    CHECK(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
    close(client);
    close(server);
}

static void birth_time(void)
{
    struct statx before, after;
    make_file("file", 0644, "x");
    CHECK(statx(AT_FDCWD, "file", 0, STATX_BTIME, &before) == 0 && (before.stx_mask & STATX_BTIME));
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};
    CHECK(utimensat(AT_FDCWD, "file", times, 0) == 0 && chmod("file", 0600) == 0 && rename("file", "renamed") == 0);
    make_file("renamed", 0600, "longer");
    CHECK(statx(AT_FDCWD, "renamed", 0, STATX_ALL, &after) == 0 && (after.stx_mask & STATX_BTIME));
    CHECK(after.stx_btime.tv_sec == before.stx_btime.tv_sec && after.stx_btime.tv_nsec == before.stx_btime.tv_nsec);
    CHECK(after.stx_atime.tv_sec == 1 && after.stx_size == 6 && llabs(after.stx_btime.tv_sec - time(NULL)) < 1000);
}

static void long_names(void)
{
    char name[300], longer[4200];
    for (int i = 0; i < 255; i++)
        name[i] = (char)(i + 1 == '/' ? 0xFF : i + 1);
    name[255] = 0;
    make_file(name, 0644, "x");
    CHECK(access(name, F_OK) == 0);
    DIR *listing = opendir(".");
    bool found = false;
    for (struct dirent *entry; (entry = readdir(listing));)
        found |= strcmp(entry->d_name, name) == 0;
    closedir(listing);
    CHECK(found);
    strcpy(name + 255, "x");
    FAILS(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
    FAILS(access(name, F_OK), ENAMETOOLONG);
    FAILS(mkdir(name, 0755), ENAMETOOLONG);
    FAILS(symlink("target", name), ENAMETOOLONG);
    FAILS(link("missing", name), ENOENT);
    FAILS(rename(".", name), EBUSY);

    memset(longer, 't', sizeof longer);
    longer[4095] = 0;
    char target[4200];
    CHECK(symlink(longer, "link") == 0 && stat_of("link").st_size == 4095);
    CHECK(readlink("link", target, sizeof target) == 4095 && memcmp(target, longer, 4095) == 0);
    longer[4095] = 't';
    longer[4096] = 0;
    FAILS(symlink(longer, "link2"), ENAMETOOLONG);
    FAILS(symlink("", "link3"), ENOENT);
}

// Entries that are there throughout are listed once each, whatever comes and goes beside them; positions stay good.
static void listings(void)
{
    enum { STABLE = 500, COMING = 700 };
    static int seen[STABLE];
    char name[64];
    for (int i = 0; i < STABLE; i++) {
        snprintf(name, sizeof name, "stable-%d", i);
        make_file(name, 0644, "");
    }

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < COMING; i++) {
            snprintf(name, sizeof name, "coming-%d", i);
            close(open(name, O_CREAT | O_WRONLY, 0644));
            snprintf(name, sizeof name, "coming-%d", i - i % 7);
            unlink(name);
        }

        _exit(0);
    }

    DIR *listing = opendir(".");
    bool is_running = true;
    for (int round = 0; round < 3 || is_running; round++) {
        memset(seen, 0, sizeof seen);
        rewinddir(listing);
        int number;
        for (struct dirent *entry; (entry = readdir(listing));)
            if (sscanf(entry->d_name, "stable-%d", &number) == 1 && number < STABLE)
                seen[number]++;
        for (int i = 0; i < STABLE; i++)
            CHECK(seen[i] == 1);
        is_running = is_running && waitpid(child, NULL, WNOHANG) == 0;
    }

    // A position leads to the entry that came after it, though others went meanwhile.
    long places[STABLE];
    char names[STABLE][32];
    int count = 0;
    rewinddir(listing);
    for (struct dirent *entry;;) {
        long place = telldir(listing);
        if (!(entry = readdir(listing)))
            break;
        if (sscanf(entry->d_name, "stable-%d", &(int){0}) != 1 || count == STABLE)
            continue;
        places[count] = place;
        snprintf(names[count++], sizeof names[0], "%.31s", entry->d_name);
    }

    CHECK(count == STABLE);
    for (int i = 0; i < count; i += 2)
        CHECK(unlink(names[i]) == 0);
    for (int i = count - (count % 2 ? 2 : 1); i > 0; i -= 50) {
        seekdir(listing, places[i]);
        struct dirent *entry = readdir(listing);
        CHECK(entry && strcmp(entry->d_name, names[i]) == 0);
    }

    closedir(listing);
}

int main(int argc, char **argv)
{
    const char *base = start(argc, argv);
    RUN(unnamed_files_can_be_named);
    RUN(rename_flags);
    RUN(nodes);
    RUN(birth_time);
    RUN(long_names);
    RUN(listings);
    return failed_rules;
}
