// Who may do what: extended attributes, access control lists, owners and groups, set-id bits, times.
#include "rules.h"

enum { ALICE = 1001, BOB = 1002, CLUB = 2000, OTHER_CLUB = 2001 };

#define ACCESS_LIST "system.posix_acl_access"
#define DEFAULT_LIST "system.posix_acl_default"

// Version 2, CAP_NET_RAW.
static const char capability[20] = {0, 0, 0, 2, 0, 0x20};

struct entry { uint16_t tag, permissions; uint32_t id; };
enum { OWNER = 1, USER = 2, OWNING_GROUP = 4, GROUP = 8, MASK = 16, OTHERS = 32, NOBODY = -1 };

static int set_list(const char *path, const char *name, const struct entry *entries, int count)
{
    struct { uint32_t version; struct entry entries[16]; } __attribute__((packed)) value = {.version = 2};
    memcpy(value.entries, entries, count * sizeof *entries);
    return setxattr(path, name, &value, 4 + count * sizeof *entries, 0);
}

// Entries of a list, or -1.
static int get_list(const char *path, const char *name, struct entry *entries)
{
    struct { uint32_t version; struct entry entries[16]; } __attribute__((packed)) value;
    ssize_t size = getxattr(path, name, &value, sizeof value);
    if (size < 4)
        return -1;
    memcpy(entries, value.entries, size - 4);
    return (int)(size - 4) / 8;
}

static void chown_to(const char *path, uid_t user, gid_t group, mode_t mode)
{
    CHECK(lchown(path, user, group) == 0 && chmod(path, mode) == 0);
}

static void attribute_limits(void)
{
    static char value[65537], back[65537], list[70000];
    char name[300] = "user.";
    make_file("file", 0644, "");
    memset(value, 'v', sizeof value);
    memset(name + 5, 'n', 250);
    CHECK(setxattr("file", "user.small", "abc", 3, XATTR_CREATE) == 0);
    FAILS(setxattr("file", "user.small", "abc", 3, XATTR_CREATE), EEXIST);
    FAILS(setxattr("file", "user.missing", "abc", 3, XATTR_REPLACE), ENODATA);
    CHECK(setxattr("file", "user.small", "abcd", 4, XATTR_REPLACE) == 0);
    CHECK(getxattr("file", "user.small", NULL, 0) == 4 && getxattr("file", "user.small", back, 4) == 4);
    FAILS(getxattr("file", "user.small", back, 3), ERANGE);
    FAILS(getxattr("file", "user.missing", back, 3), ENODATA);
    FAILS(removexattr("file", "user.missing"), ENODATA);
    FAILS(setxattr("file", "user.large", value, 65537, 0), E2BIG);
    FAILS(setxattr("file", "user.", value, 1, 0), EINVAL);
    FAILS(setxattr("file", "nowhere.name", value, 1, 0), EOPNOTSUPP);
    FAILS(setxattr("file", "user.x", value, 1, 7), EINVAL);
    CHECK(setxattr("file", name, "", 0, 0) == 0 && getxattr("file", name, back, 10) == 0);
    strcpy(name + 255, "n");
    FAILS(setxattr("file", name, "", 0, 0), ERANGE);
    CHECK(listxattr("file", NULL, 0) == 11 + 256);
    FAILS(listxattr("file", list, 100), ERANGE);
    CHECK(listxattr("file", list, sizeof list) == 11 + 256);
    name[255] = 0;
    CHECK(removexattr("file", name) == 0 && listxattr("file", list, sizeof list) == 11);
    CHECK(symlink("file", "link") == 0);
    FAILS(lsetxattr("link", "user.x", "1", 1, 0), EPERM);
    FAILS(lgetxattr("link", "user.x", back, 1), ENODATA);
    CHECK(lsetxattr("link", "trusted.x", "1", 1, 0) == 0 && llistxattr("link", list, sizeof list) == 10);
    CHECK(mknod("fifo", S_IFIFO | 0666, 0) == 0);
    FAILS(setxattr("fifo", "user.x", "1", 1, 0), EPERM);
}

// Not for ext4, which keeps an inode's attributes in one block: here each may have the size that Linux allows.
static void large_attributes(void)
{
    static char value[65536], back[65536], list[65536], name[256];
    make_file("file", 0644, "");
    for (int i = 0; i < 65536; i++)
        value[i] = (char)(i * 7);
    CHECK(setxattr("file", "user.large", value, 65536, 0) == 0);
    CHECK(getxattr("file", "user.large", back, 65536) == 65536 && memcmp(value, back, 65536) == 0);
    CHECK(removexattr("file", "user.large") == 0);
    int count = 0;
    for (; count < 3000; count++) {
        snprintf(name, sizeof name, "user.%0250d", count);
        if (setxattr("file", name, "", 0, 0))
            break;
    }

    CHECK(errno == ENOSPC && count == 65536 / 256);
    CHECK(listxattr("file", list, sizeof list) == 65536);
}

static void attributes_of_others(void)
{
    char list[300];
    FAILS(setxattr("foreign", "user.x", "1", 1, 0), EACCES);
    FAILS(getxattr("private", "user.a", list, 10), EACCES);
    FAILS(removexattr("foreign", "user.a"), EACCES);
    CHECK(getxattr("foreign", "user.a", list, 10) == 1);
    CHECK(setxattr("writable", "user.x", "1", 1, 0) == 0);
    FAILS(setxattr("mine", "trusted.x", "1", 1, 0), EPERM);
    FAILS(getxattr("mine", "trusted.a", list, 10), ENODATA);
    FAILS(setxattr("mine", "security.x", "1", 1, 0), EPERM);
    FAILS(setxattr("mine", "security.capability", capability, sizeof capability, 0), EPERM);
    CHECK(listxattr("mine", list, sizeof list) == 7 && strcmp(list, "user.a") == 0);
    CHECK(listxattr("mine", NULL, 0) == 7);
    FAILS(setxattr("sticky", "user.x", "1", 1, 0), EPERM);
}

static void attributes_and_users(void)
{
    make_file("foreign", 0644, "");
    make_file("private", 0600, "");
    make_file("writable", 0666, "");
    make_file("mine", 0644, "");
    CHECK(mkdir("sticky", 0777) == 0 && chmod("sticky", 01777) == 0);
    chown_to("mine", ALICE, ALICE, 0644);
    CHECK(setxattr("foreign", "user.a", "1", 1, 0) == 0 && setxattr("private", "user.a", "1", 1, 0) == 0);
    CHECK(setxattr("mine", "user.a", "1", 1, 0) == 0 && setxattr("mine", "trusted.a", "1", 1, 0) == 0);
    as_user(ALICE, ALICE, CLUB, attributes_of_others);
}

static void lists_as_alice(void)
{
    FAILS(open("refused", O_RDONLY), EACCES);
    CHECK(close(open("granted", O_RDWR)) == 0);
    FAILS(open("masked", O_RDWR), EACCES);
    CHECK(close(open("masked", O_RDONLY)) == 0);
    CHECK(close(open("by-group", O_RDWR)) == 0);
    FAILS(set_list("granted", ACCESS_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {OWNING_GROUP, 7, NOBODY}, {OTHERS, 7, NOBODY}}, 3), EPERM);
}

static void lists_decide(void)
{
    for (const char **path = (const char *[]){"refused", "granted", "masked", "by-group", NULL}; *path; path++)
        make_file(*path, 0666, "x");
    CHECK(set_list("refused", ACCESS_LIST, (struct entry[]){{OWNER, 6, NOBODY}, {USER, 0, ALICE}, {OWNING_GROUP, 6, NOBODY}, {MASK, 6, NOBODY}, {OTHERS, 6, NOBODY}}, 5) == 0);
    CHECK(set_list("granted", ACCESS_LIST, (struct entry[]){{OWNER, 6, NOBODY}, {USER, 6, ALICE}, {OWNING_GROUP, 0, NOBODY}, {MASK, 6, NOBODY}, {OTHERS, 0, NOBODY}}, 5) == 0);
    CHECK(set_list("masked", ACCESS_LIST, (struct entry[]){{OWNER, 6, NOBODY}, {USER, 6, ALICE}, {OWNING_GROUP, 0, NOBODY}, {MASK, 4, NOBODY}, {OTHERS, 0, NOBODY}}, 5) == 0);
    CHECK(set_list("by-group", ACCESS_LIST, (struct entry[]){{OWNER, 6, NOBODY}, {OWNING_GROUP, 0, NOBODY}, {GROUP, 6, CLUB}, {MASK, 6, NOBODY}, {OTHERS, 0, NOBODY}}, 5) == 0);
    CHECK(mode_of("granted") == 0660 && mode_of("masked") == 0640);
    as_user(ALICE, ALICE, CLUB, lists_as_alice);

    // What was granted goes with the mask, and comes back with it.
    CHECK(chmod("granted", 0640) == 0);
    struct entry entries[16];
    CHECK(get_list("granted", ACCESS_LIST, entries) == 5 && entries[3].permissions == 4 && entries[1].permissions == 6);
    CHECK(chmod("granted", 0660) == 0);
    as_user(ALICE, ALICE, CLUB, lists_as_alice);
}

static void lists_and_modes(void)
{
    struct entry entries[16];
    make_file("file", 0640, "x");
    FAILS(getxattr("file", ACCESS_LIST, entries, sizeof entries), ENODATA);
    CHECK(removexattr("file", ACCESS_LIST) == 0);
    CHECK(set_list("file", ACCESS_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {OWNING_GROUP, 5, NOBODY}, {OTHERS, 1, NOBODY}}, 3) == 0);
    CHECK(mode_of("file") == 0751 && get_list("file", ACCESS_LIST, entries) == -1);
    FAILS(set_list("file", DEFAULT_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {OWNING_GROUP, 5, NOBODY}, {OTHERS, 1, NOBODY}}, 3), EACCES);
    FAILS(set_list("file", ACCESS_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {OTHERS, 1, NOBODY}}, 2), EINVAL);
    FAILS(set_list("file", ACCESS_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {USER, 7, BOB}, {OWNING_GROUP, 5, NOBODY}, {OTHERS, 1, NOBODY}}, 4), EINVAL);
    CHECK(set_list("file", ACCESS_LIST, (struct entry[]){{OWNER, 6, NOBODY}, {USER, 7, BOB}, {OWNING_GROUP, 1, NOBODY}, {MASK, 4, NOBODY}, {OTHERS, 0, NOBODY}}, 5) == 0);
    CHECK(mode_of("file") == 0640 && listxattr("file", NULL, 0) == sizeof ACCESS_LIST);
    CHECK(removexattr("file", ACCESS_LIST) == 0 && mode_of("file") == 0640);
    CHECK(symlink("file", "link") == 0);
    FAILS(lsetxattr("link", ACCESS_LIST, entries, 28, 0), EOPNOTSUPP);
}

static void lists_are_inherited(void)
{
    struct entry entries[16];
    umask(077);
    CHECK(mkdir("parent", 0755) == 0);
    CHECK(set_list("parent", DEFAULT_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {USER, 7, BOB}, {OWNING_GROUP, 5, NOBODY}, {MASK, 7, NOBODY}, {OTHERS, 1, NOBODY}}, 5) == 0);
    CHECK(mode_of("parent") == 0700 && get_list("parent", DEFAULT_LIST, entries) == 5 && get_list("parent", ACCESS_LIST, entries) == -1);
    close(open("parent/file", O_CREAT | O_WRONLY, 0666));
    CHECK(mode_of("parent/file") == 0660 && get_list("parent/file", ACCESS_LIST, entries) == 5);
    CHECK(entries[1].permissions == 7 && entries[2].permissions == 5 && entries[3].permissions == 6 && entries[4].permissions == 0);
    CHECK(get_list("parent/file", DEFAULT_LIST, entries) == -1);
    CHECK(mkdir("parent/child", 0777) == 0 && mode_of("parent/child") == 0771);
    CHECK(get_list("parent/child", DEFAULT_LIST, entries) == 5 && get_list("parent/child", ACCESS_LIST, entries) == 5);
    CHECK(mknod("parent/fifo", S_IFIFO | 0640, 0) == 0 && mode_of("parent/fifo") == 0640);
    CHECK(symlink("file", "parent/link") == 0 && stat_of("parent/link").st_mode == (S_IFLNK | 0777));
    int unnamed = open("parent", O_TMPFILE | O_RDWR, 0666);
    struct stat s;
    CHECK(fstat(unnamed, &s) == 0 && (s.st_mode & 07777) == 0660);
    close(unnamed);
    CHECK(removexattr("parent", DEFAULT_LIST) == 0);
    close(open("parent/later", O_CREAT | O_WRONLY, 0666));
    CHECK(mode_of("parent/later") == 0600);
}

static void sets_list(void)
{
    CHECK(set_list("set-group-id", ACCESS_LIST, (struct entry[]){{OWNER, 7, NOBODY}, {OWNING_GROUP, 5, NOBODY}, {OTHERS, 1, NOBODY}}, 3) == 0);
}

static void lists_clear_set_group_id(void)
{
    make_file("set-group-id", 0644, "");
    chown_to("set-group-id", ALICE, OTHER_CLUB, 02755);
    as_user(ALICE, ALICE, CLUB, sets_list);
    CHECK(mode_of("set-group-id") == 0751);
    chown_to("set-group-id", ALICE, CLUB, 02755);
    as_user(ALICE, ALICE, CLUB, sets_list);
    CHECK(mode_of("set-group-id") == 02751);
}

static void as_bob_in_shared(void)
{
    umask(0);
    close(open("inherits/file", O_CREAT | O_WRONLY, 02775));
    CHECK(stat_of("inherits/file").st_gid == CLUB && mode_of("inherits/file") == 0775);
    CHECK(mkdir("inherits/directory", 0755) == 0);
    CHECK(stat_of("inherits/directory").st_gid == CLUB && mode_of("inherits/directory") == 02755);
    close(open("plain/file", O_CREAT | O_WRONLY, 0644));
    CHECK(stat_of("plain/file").st_gid == BOB);
    FAILS(unlink("sticky/of-root"), EPERM);
    FAILS(rename("sticky/of-root", "sticky/taken"), EPERM);
    CHECK(unlink("sticky/of-bob") == 0);
    FAILS(rmdir("sticky/directory"), EPERM);
    CHECK(chmod("of-bob", 02755) == 0 && mode_of("of-bob") == 0755);
}

static void as_member_in_shared(void)
{
    umask(0);
    close(open("inherits/by-member", O_CREAT | O_WRONLY, 02775));
    CHECK(stat_of("inherits/by-member").st_gid == CLUB && mode_of("inherits/by-member") == 02775);
}

static void groups_and_sticky_directories(void)
{
    for (const char **path = (const char *[]){"inherits", "plain", "sticky", "sticky/directory", NULL}; *path; path++)
        CHECK(mkdir(*path, 0777) == 0);
    make_file("sticky/of-root", 0666, "");
    make_file("sticky/of-bob", 0600, "");
    make_file("of-bob", 0600, "");
    CHECK(lchown("sticky/of-bob", BOB, BOB) == 0);
    chown_to("of-bob", BOB, CLUB, 0600);
    chown_to("inherits", 0, CLUB, 02777);
    chown_to("plain", 0, CLUB, 0777);
    chown_to("sticky", 0, 0, 01777);
    as_user(BOB, BOB, OTHER_CLUB, as_bob_in_shared);
    as_user(ALICE, ALICE, CLUB, as_member_in_shared);
}

static void owner_changes(void)
{
    FAILS(chown("mine", BOB, -1), EPERM);
    FAILS(chown("mine", -1, OTHER_CLUB), EPERM);
    CHECK(chown("mine", -1, CLUB) == 0 && mode_of("mine") == 0755 && stat_of("mine").st_gid == CLUB);
    FAILS(chown("foreign", -1, CLUB), EPERM);
    FAILS(chmod("foreign", 0600), EPERM);
    CHECK(chown("same", -1, -1) == 0 && mode_of("same") == 0755);
    CHECK(chown("mine-directory", -1, CLUB) == 0 && mode_of("mine-directory") == 06755);
}

static void owners_and_set_id_bits(void)
{
    make_file("mine", 0644, "");
    make_file("foreign", 0644, "");
    make_file("same", 0644, "");
    make_file("by-root", 0644, "");
    make_file("lock", 0644, "");
    CHECK(mkdir("mine-directory", 0755) == 0);
    chown_to("mine", ALICE, ALICE, 06755);
    chown_to("same", ALICE, ALICE, 06755);
    chown_to("mine-directory", ALICE, ALICE, 06755);
    as_user(ALICE, ALICE, CLUB, owner_changes);

    // Root's chown takes them too; without group execute the bit means locking and stays.
    chown_to("by-root", 0, 0, 06755);
    CHECK(chown("by-root", ALICE, CLUB) == 0 && mode_of("by-root") == 0755);
    chown_to("lock", 0, 0, 02644);
    CHECK(chown("lock", ALICE, -1) == 0 && mode_of("lock") == 02644);

    // A capability goes with the owner.
    CHECK(setxattr("by-root", "security.capability", capability, sizeof capability, 0) == 0);
    CHECK(chown("by-root", BOB, -1) == 0);
    FAILS(getxattr("by-root", "security.capability", NULL, 0), ENODATA);
}

static void times_of_others(void)
{
    struct timespec set[2] = {{.tv_sec = 1000, .tv_nsec = 1}, {.tv_sec = 2000, .tv_nsec = 999999999}};
    FAILS(utimensat(AT_FDCWD, "writable", set, 0), EPERM);
    CHECK(utimensat(AT_FDCWD, "writable", NULL, 0) == 0);
    FAILS(utimensat(AT_FDCWD, "foreign", NULL, 0), EACCES);
    FAILS(utimensat(AT_FDCWD, "foreign", set, 0), EPERM);
    CHECK(utimensat(AT_FDCWD, "foreign", (struct timespec[]){{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}}, 0) == 0);
    FAILS(utimensat(AT_FDCWD, "writable", (struct timespec[]){{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}}, 0), EPERM);
    CHECK(utimensat(AT_FDCWD, "mine", set, 0) == 0);
}

static bool is_before(struct timespec a, struct timespec b)
{
    return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

static void times_are_set(void)
{
    make_file("writable", 0666, "");
    make_file("foreign", 0644, "");
    make_file("mine", 0644, "");
    CHECK(lchown("mine", ALICE, ALICE) == 0);
    struct stat before = stat_of("mine");
    as_user(ALICE, ALICE, CLUB, times_of_others);
    struct stat s = stat_of("mine");
    CHECK(s.st_atim.tv_sec == 1000 && s.st_atim.tv_nsec == 1 && s.st_mtim.tv_sec == 2000 && s.st_mtim.tv_nsec == 999999999);
    CHECK(!is_before(s.st_ctim, before.st_ctim) && labs(s.st_ctim.tv_sec - time(NULL)) < 1000);
    struct timespec old[2] = {{.tv_sec = -5, .tv_nsec = 7}, {.tv_nsec = UTIME_OMIT}};
    CHECK(utimensat(AT_FDCWD, "mine", old, 0) == 0);
    CHECK(stat_of("mine").st_atim.tv_sec == -5 && stat_of("mine").st_atim.tv_nsec == 7 && stat_of("mine").st_mtim.tv_sec == 2000);
    CHECK(symlink("mine", "link") == 0);
    struct timespec set[2] = {{.tv_sec = 3000}, {.tv_sec = 4000}};
    CHECK(utimensat(AT_FDCWD, "link", set, AT_SYMLINK_NOFOLLOW) == 0 && stat_of("link").st_mtim.tv_sec == 4000 && stat_of("mine").st_mtim.tv_sec == 2000);
}

// Which times a change moves; ctime never goes back, whatever is done and in whatever order the kernel tells it.
static void times_move(void)
{
    struct timespec set[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}}, last = {0};
    make_file("file", 0644, "0123456789");
    CHECK(mkdir("directory", 0755) == 0);
    int fd = open("file", O_RDWR);
    for (int i = 0; i < 200; i++) {
        CHECK(futimens(fd, set) == 0);
        struct stat before = stat_of("file");
        CHECK(before.st_atim.tv_sec == 1000 && before.st_mtim.tv_sec == 2000);
        bool moves_mtime = false;
        int name = open(i % 2 ? "directory" : ".", O_RDONLY | O_DIRECTORY);
        switch (i % 10) {
        case 0: CHECK(fchmod(fd, 0600 + i % 8) == 0); break;
        case 1: CHECK(setxattr("file", "user.x", &i, sizeof i, 0) == 0); break;
        case 2: CHECK(pwrite(fd, &i, sizeof i, i) == sizeof i); moves_mtime = true; break;
        case 3: CHECK(link("file", "second") == 0); break;
        case 4: CHECK(unlink("second") == 0); break;
        case 5: CHECK(ftruncate(fd, 10 + i) == 0); moves_mtime = true; break;
        case 6: CHECK(rename("file", "renamed") == 0 && rename("renamed", "file") == 0); break;
        case 7: CHECK(fchown(fd, i, i) == 0); break;
        case 8: CHECK(fsync(fd) == 0); break;
        case 9: close(fd); fd = open("file", O_RDWR); break;
        }

        close(name);
        struct stat after = stat_of("file");
        CHECK(!is_before(after.st_ctim, before.st_ctim) && !is_before(after.st_ctim, last));
        CHECK((after.st_mtim.tv_sec != 2000) == moves_mtime && after.st_atim.tv_sec == 1000);
        CHECK(!moves_mtime || !is_before(after.st_mtim, before.st_ctim));
        last = after.st_ctim;
    }

    close(fd);
    struct stat before = stat_of("directory");
    CHECK(utimensat(AT_FDCWD, "directory", set, 0) == 0);
    make_file("directory/new", 0644, "");
    struct stat after = stat_of("directory");
    CHECK(after.st_mtim.tv_sec != 2000 && !is_before(after.st_ctim, before.st_ctim) && after.st_atim.tv_sec == 1000);
}

int main(int argc, char **argv)
{
    const char *base = start(argc, argv);
    RUN(attribute_limits);
    if (argc > 3 && strcmp(argv[3], "more-than-ext4") == 0)
        RUN(large_attributes);
    RUN(attributes_and_users);
    RUN(lists_decide);
    RUN(lists_and_modes);
    RUN(lists_are_inherited);
    RUN(lists_clear_set_group_id);
    RUN(groups_and_sticky_directories);
    RUN(owners_and_set_id_bits);
    RUN(times_are_set);
    RUN(times_move);
    return failed_rules;
}
