/* Writes a file through a shared mapping, and checks that read(2) and the mapping agree.
 * usage: mmap_writer FILE PAGES */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

int main(int argc, char **argv) {
    if (argc != 3) errx(2, "usage: mmap_writer FILE PAGES");
    size_t pages = strtoul(argv[2], NULL, 10), size = pages * PAGE;
    int fd = open(argv[1], O_RDWR | O_CREAT, 0644);
    if (fd < 0) err(1, "open");
    if (ftruncate(fd, (off_t)size)) err(1, "ftruncate");
    uint8_t *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) err(1, "mmap");
    /* Backwards, and only part of each page: holes and partial pages must come out right too. */
    for (size_t i = pages; i-- > 0;)
        for (size_t j = 0; j < PAGE; j += 3) map[i * PAGE + j] = (uint8_t)(i * 7 + j);
    /* A write(2) into the middle must show in the mapping. */
    const char mark[] = "written by write(2)";
    if (pwrite(fd, mark, sizeof mark, (off_t)(size / 2)) != (ssize_t)sizeof mark) err(1, "pwrite");
    if (memcmp(map + size / 2, mark, sizeof mark)) errx(1, "the mapping does not show what write(2) wrote");
    if (msync(map, size, MS_SYNC)) err(1, "msync");
    uint8_t page[PAGE];
    for (size_t i = 0; i < pages; i++) {
        if (pread(fd, page, PAGE, (off_t)(i * PAGE)) != PAGE) err(1, "pread");
        if (memcmp(page, map + i * PAGE, PAGE)) errx(1, "page %zu differs between read(2) and the mapping", i);
    }
    if (munmap(map, size)) err(1, "munmap");
    if (close(fd)) err(1, "close");
    return 0;
}
