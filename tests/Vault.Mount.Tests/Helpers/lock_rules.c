// Locks between processes and descriptors, and what inotify tells: all of it is the kernel's own, and must stay so.
#include "rules.h"
#include <sys/file.h>
#include <sys/inotify.h>

static int lock_at(int fd, int command, short type, off_t start, off_t length)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &lock);
}

// In a process of its own, with a descriptor of its own.
static int other_can(int (*attempt)(int fd))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(attempt(open("file", O_RDWR)) == 0 ? 0 : errno);
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static int flock_shared(int fd) { return flock(fd, LOCK_SH | LOCK_NB); }
static int flock_exclusive(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }
static int write_lock_head(int fd) { return lock_at(fd, F_SETLK, F_WRLCK, 0, 10); }
static int read_lock_head(int fd) { return lock_at(fd, F_SETLK, F_RDLCK, 0, 10); }
static int write_lock_rest(int fd) { return lock_at(fd, F_SETLK, F_WRLCK, 10, 0); }
static int ofd_lock_head(int fd) { return lock_at(fd, F_OFD_SETLK, F_WRLCK, 0, 10); }

static void whole_file_locks(void)
{
    make_file("file", 0644, "0123456789");
    int fd = open("file", O_RDWR), second = open("file", O_RDWR);
    CHECK(flock(fd, LOCK_SH) == 0);
    CHECK(other_can(flock_shared) == 0 && other_can(flock_exclusive) == EWOULDBLOCK);
    FAILS(flock(second, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK(flock(fd, LOCK_EX) == 0 && other_can(flock_shared) == EWOULDBLOCK);
    int copy = dup(fd);
    CHECK(flock(copy, LOCK_UN) == 0 && other_can(flock_exclusive) == 0);
    close(copy);
    CHECK(flock(fd, LOCK_EX) == 0 && close(fd) == 0 && other_can(flock_exclusive) == 0);
    close(second);
}

static void range_locks(void)
{
    make_file("file", 0644, "0123456789");
    int fd = open("file", O_RDWR);
    CHECK(write_lock_head(fd) == 0);
    CHECK(other_can(read_lock_head) == EAGAIN && other_can(write_lock_rest) == 0);
    CHECK(lock_at(fd, F_SETLK, F_UNLCK, 0, 5) == 0 && other_can(write_lock_head) == EAGAIN);
    CHECK(lock_at(fd, F_SETLK, F_RDLCK, 0, 10) == 0 && other_can(read_lock_head) == 0 && other_can(write_lock_head) == EAGAIN);

    // Closing any descriptor of the file takes a process's locks away: so POSIX.
    close(open("file", O_RDONLY));
    CHECK(other_can(write_lock_head) == 0);
    struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    CHECK(fcntl(fd, F_GETLK, &asked) == 0 && asked.l_type == F_UNLCK);
    close(fd);
}

static void locks_of_descriptions(void)
{
    make_file("file", 0644, "0123456789");
    int fd = open("file", O_RDWR), second = open("file", O_RDWR);
    CHECK(ofd_lock_head(fd) == 0);
    FAILS(ofd_lock_head(second), EAGAIN);
    close(open("file", O_RDONLY));
    CHECK(other_can(ofd_lock_head) == EAGAIN && other_can(write_lock_head) == EAGAIN);
    close(fd);
    CHECK(ofd_lock_head(second) == 0);
    close(second);
}

static bool is_told(int watcher, uint32_t mask, const char *name)
{
    static char events[4096];
    ssize_t length = read(watcher, events, sizeof events);
    for (char *at = events; at < events + length;) {
        struct inotify_event *event = (struct inotify_event *)at;
        if ((event->mask & mask) && (!name || (event->len && strcmp(event->name, name) == 0)))
            return true;
        at += sizeof *event + event->len;
    }

    return false;
}

static void changes_are_told(void)
{
    CHECK(mkdir("directory", 0755) == 0);
    int watcher = inotify_init1(IN_NONBLOCK);
    CHECK(inotify_add_watch(watcher, "directory", IN_ALL_EVENTS) >= 0);
    int fd = open("directory/file", O_CREAT | O_RDWR, 0644);
    CHECK(is_told(watcher, IN_CREATE, "file"));
    CHECK(write(fd, "x", 1) == 1 && is_told(watcher, IN_MODIFY, "file"));
    CHECK(fchmod(fd, 0600) == 0 && is_told(watcher, IN_ATTRIB, "file"));
    CHECK(close(fd) == 0 && is_told(watcher, IN_CLOSE_WRITE, "file"));
    CHECK(rename("directory/file", "directory/moved") == 0 && is_told(watcher, IN_MOVED_TO, "moved"));
    CHECK(mkdir("directory/sub", 0755) == 0 && is_told(watcher, IN_CREATE | IN_ISDIR, "sub"));
    CHECK(unlink("directory/moved") == 0 && is_told(watcher, IN_DELETE, "moved"));
    CHECK(rmdir("directory/sub") == 0 && rmdir("directory") == 0 && is_told(watcher, IN_DELETE_SELF, NULL));
    close(watcher);
}

int main(int argc, char **argv)
{
    const char *base = start(argc, argv);
    RUN(whole_file_locks);
    RUN(range_locks);
    RUN(locks_of_descriptions);
    RUN(changes_are_told);
    return failed_rules;
}
