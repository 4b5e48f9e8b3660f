// One small program a family of rules: main() calls RUN(rule) for each. A rule works in a fresh directory of its own below the
// directory that the program was given, and says what does not hold. The exit code is the number of rules that do not hold.
#ifndef RULES_H
#define RULES_H

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static int failed_checks;
static int failed_rules;
static const char *only_rule;

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
#define FAILS(call, error) check_error((call), (error), #call, __FILE__, __LINE__)
#define RUN(rule) run(base, #rule, rule)

static inline void check(bool holds, const char *text, const char *file, int line)
{
    int error = errno;
    if (!holds) {
        printf("%s:%d: not so: %s (errno %d, %s)\n", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line, text, error, strerror(error));
        failed_checks++;
    }
}

static inline void check_error(long result, int error, const char *text, const char *file, int line)
{
    int got = result == -1 ? errno : 0;
    if (got != error) {
        printf("%s:%d: %s: %s instead of %s\n", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line, text,
               got ? strerror(got) : "success", error ? strerror(error) : "success");
        failed_checks++;
    }
}

// Runs a rule in its directory, which everybody may write to.
static inline void run(const char *base, const char *name, void (*rule)(void))
{
    if (only_rule && strcmp(only_rule, name) != 0)
        return;
    failed_checks = 0;
    umask(0);
    if (chdir(base) || mkdir(name, 0777) || chdir(name)) {
        perror(name);
        exit(100);
    }

    umask(022);
    rule();
    if (failed_checks) {
        printf("rule %s does not hold\n", name);
        failed_rules++;
    }

    fflush(stdout);
}

// Runs a part of a rule as an ordinary user, whose supplementary group is the third number.
static inline void as_user(uid_t user, gid_t group, gid_t supplementary, void (*part)(void))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        failed_checks = 0;
        if (setgroups(1, &supplementary) || setresgid(group, group, group) || setresuid(user, user, user))
            _exit(100);
        part();
        fflush(stdout);
        _exit(failed_checks > 99 ? 99 : failed_checks);
    }

    int status = 0;
    waitpid(child, &status, 0);
    failed_checks += WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static inline mode_t mode_of(const char *path)
{
    struct stat s;
    return lstat(path, &s) ? (mode_t)-1 : s.st_mode & 07777;
}

static inline struct stat stat_of(const char *path)
{
    struct stat s = {0};
    CHECK(lstat(path, &s) == 0);
    return s;
}

static inline void make_file(const char *path, mode_t mode, const char *content)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    CHECK(fd >= 0);
    CHECK(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    CHECK(fchmod(fd, mode) == 0);
    close(fd);
}

static inline const char *start(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [RULE]; RULE may be empty\n", argv[0]);
        exit(100);
    }

    only_rule = argc > 2 && *argv[2] ? argv[2] : NULL;
    return argv[1];
}

#endif
