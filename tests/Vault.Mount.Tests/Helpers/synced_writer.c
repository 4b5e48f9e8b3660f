/* Writes files whose content follows from their number, and says which are durable; or checks them.
 * usage: synced_writer write DIRECTORY FIRST   prints the number of each file once its fsync returned, for ever
 *        synced_writer check DIRECTORY         reads numbers from standard input and checks those files
 * A file's fsync, and the fsync of its directory after it, must have returned before its number is printed. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 300000 };
static uint8_t expected[LARGEST], found[LARGEST];

static size_t fill(uint64_t number) {
    uint64_t state = number * 0x9e3779b97f4a7c15u + 1;
    size_t size = state % 7 == 0 ? LARGEST - state % 1000 : state % 9000;
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        expected[i] = (uint8_t)state;
    }
    return size;
}

static void write_file(int directory, uint64_t number) {
    char temporary[64], name[64];
    snprintf(temporary, sizeof temporary, "t%llu", (unsigned long long)number);
    snprintf(name, sizeof name, "f%llu", (unsigned long long)number);
    size_t size = fill(number), done = 0;
    /* Every other file takes its name by a rename, as careful programs save. */
    int renames = number % 2;
    int fd = openat(directory, renames ? temporary : name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) err(1, "open");
    while (done < size) {
        ssize_t count = write(fd, expected + done, size - done);
        if (count < 0) err(1, "write");
        done += (size_t)count;
    }
    if (fsync(fd)) err(1, "fsync");
    if (close(fd)) err(1, "close");
    if (renames && renameat(directory, temporary, directory, name)) err(1, "rename");
    if (fsync(directory)) err(1, "fsync of the directory");
}

static int check_file(int directory, uint64_t number) {
    char name[64];
    snprintf(name, sizeof name, "f%llu", (unsigned long long)number);
    size_t size = fill(number), done = 0;
    int fd = openat(directory, name, O_RDONLY);
    if (fd < 0) { warn("%s", name); return 1; }
    for (ssize_t count; done <= size && (count = read(fd, found + done, sizeof found - done)) != 0; done += (size_t)count)
        if (count < 0) { warn("read %s", name); close(fd); return 1; }
    close(fd);
    if (done != size || memcmp(expected, found, size)) {
        warnx("%s: %zu bytes found, %zu expected, or other content", name, done, size);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) errx(2, "usage: synced_writer write|check DIRECTORY [FIRST]");
    int directory = open(argv[2], O_RDONLY | O_DIRECTORY);
    if (directory < 0) err(1, "%s", argv[2]);
    if (!strcmp(argv[1], "write")) {
        for (uint64_t number = strtoull(argv[3], NULL, 10);; number++) {
            write_file(directory, number);
            printf("%llu\n", (unsigned long long)number);
            fflush(stdout);
        }
    }
    unsigned long long number;
    unsigned checked = 0, wrong = 0;
    for (; scanf("%llu", &number) == 1; checked++) wrong += (unsigned)check_file(directory, number);
    printf("%u checked, %u wrong\n", checked, wrong);
    return wrong ? 1 : 0;
}
