/* Allocates and copies through descriptors that were opened to write durably; makes both files.
 * usage: synced_ranges ALLOCATED SOURCE COPY
 * What it did must survive a kill of the server once it has returned. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 4) errx(2, "usage: synced_ranges ALLOCATED SOURCE COPY");
    int allocated = open(argv[1], O_CREAT | O_EXCL | O_RDWR | O_SYNC, 0644);
    if (allocated < 0 || fallocate(allocated, 0, 0, 100000)) err(1, "%s", argv[1]);
    int source = open(argv[2], O_RDONLY), copy = open(argv[3], O_CREAT | O_EXCL | O_WRONLY | O_DSYNC, 0644);
    struct stat s;
    if (source < 0 || copy < 0 || fstat(source, &s)) err(1, "%s", argv[3]);
    for (off_t left = s.st_size; left > 0;) {
        ssize_t copied = copy_file_range(source, NULL, copy, NULL, (size_t)left, 0);
        if (copied <= 0) err(1, "copy_file_range");
        left -= copied;
    }
}
