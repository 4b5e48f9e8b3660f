/* Opens files by the handles that it took of them before, perhaps in another mount of the same file system.
 * usage: file_handles save|open DIRECTORY HANDLES   of DIRECTORY/sub and DIRECTORY/sub/file; HANDLES is a file elsewhere
 *        file_handles gone DIRECTORY HANDLES        the file was deleted */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct handle { struct file_handle head; unsigned char bytes[128]; };

int main(int argc, char **argv) {
    struct handle handles[2] = {{.head = {.handle_bytes = 128}}, {.head = {.handle_bytes = 128}}};
    char content[16] = "";
    int mount_id;
    if (argc != 4 || chdir(argv[2]))
        errx(2, "bad usage");
    int file = open(argv[3], O_RDWR | O_CREAT, 0600);
    if (!strcmp(argv[1], "save")) {
        if (name_to_handle_at(AT_FDCWD, "sub", &handles[0].head, &mount_id, 0) || name_to_handle_at(AT_FDCWD, "sub/file", &handles[1].head, &mount_id, 0))
            err(1, "name_to_handle_at");
        return write(file, handles, sizeof handles) != sizeof handles;
    }
    int root = open(".", O_RDONLY | O_DIRECTORY);
    if (root < 0 || read(file, handles, sizeof handles) != sizeof handles)
        err(1, "open");
    int fd = open_by_handle_at(root, &handles[1].head, O_RDONLY);
    if (!strcmp(argv[1], "gone")) {
        if (fd >= 0 || errno != ESTALE)
            err(1, "a deleted file: %d", fd);
        return 0;
    }
    if (fd < 0 || read(fd, content, sizeof content) != 7 || strcmp(content, "handle\n"))
        err(1, "the file's handle");
    int directory = open_by_handle_at(root, &handles[0].head, O_RDONLY | O_DIRECTORY);
    if (directory < 0 || faccessat(directory, "file", F_OK, 0) || faccessat(directory, "../sub/file", F_OK, 0))
        err(1, "the directory's handle");
    return 0;
}
