/* Makes two files without a name in the working directory, gives one of them a name, syncs both, and kills a process while
 * both are open.
 * usage: unnamed_files PID */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEPT = 300000, LOST = 5000000 };

static int make(size_t size) {
    char *content = malloc(size);
    memset(content, 'x', size);
    int fd = open(".", O_TMPFILE | O_RDWR, 0644);
    if (fd < 0 || write(fd, content, size) != (ssize_t)size)
        err(1, "O_TMPFILE");
    free(content);
    return fd;
}

int main(int argc, char **argv) {
    int kept = make(KEPT), lost = make(LOST), directory = open(".", O_RDONLY | O_DIRECTORY);
    if (linkat(kept, "", AT_FDCWD, "kept", AT_EMPTY_PATH))
        err(1, "linkat");
    if (fsync(kept) || fsync(lost) || fsync(directory))
        err(1, "fsync");
    if (argc == 2 && kill(atoi(argv[1]), SIGKILL))
        err(1, "kill");
    return 0;
}
