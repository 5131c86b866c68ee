#include "sandbox/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

enum { FIRST_FD = 10, DEFAULT_ROOM = 64 << 20, SHARED_MEMORY_ROOM = 64 << 20 };

void mounts_init(struct mounts *mounts) { *mounts = (struct mounts){.next_fd = FIRST_FD}; }

void mounts_release(struct mounts *mounts) {
    for (size_t i = 0; i < mounts->argc; i++)
        free(mounts->argv[i]);
    free(mounts->argv);
    for (size_t i = 0; i < mounts->fd_count; i++)
        fd_close(&mounts->fds[i].parent_fd);
    free(mounts->fds);
    mounts_init(mounts);
}

static void put_word(struct mounts *mounts, char *word) {
    GROW(mounts->argv, mounts->argv_capacity, mounts->argc + 2);
    mounts->argv[mounts->argc++] = word;
    mounts->argv[mounts->argc] = NULL;
}

void mounts_word(struct mounts *mounts, const char *word) { put_word(mounts, xstrdup(word)); }

static void put_words(struct mounts *mounts, const char *const *words) {
    for (; *words; words++)
        mounts_word(mounts, *words);
}

int mounts_fd(struct mounts *mounts, int fd) {
    GROW(mounts->fds, mounts->fd_capacity, mounts->fd_count + 1);
    mounts->fds[mounts->fd_count++] = (struct child_fd){fd, mounts->next_fd};
    return mounts->next_fd++;
}

/* An option with a descriptor and a path: --ro-bind-data and --file copy what it holds. */
static void put_data(struct mounts *mounts, const char *option, int fd, char *path) {
    mounts_word(mounts, option);
    put_word(mounts, xasprintf("%d", mounts_fd(mounts, fd)));
    put_word(mounts, path);
}

static int put_text(struct mounts *mounts, const char *path, const char *text, struct err *err) {
    int fd = fd_from_bytes(path, text, strlen(text), err);
    if (fd < 0)
        return fd;
    put_data(mounts, "--ro-bind-data", fd, xstrdup(path));
    return 0;
}

/* Namespaces, and who the program is in them. */
static const char *const namespaces[] = {
    "--unshare-user",    "--unshare-pid",
    "--unshare-net",     "--unshare-ipc",
    "--unshare-uts",     "--unshare-cgroup-try",
    "--die-with-parent", /* whatever ends us ends the box */
    "--as-pid-1",        NULL,
};
static const struct {
    const char *option, *value;
} identity[] = {
    {"--uid", "1000"},
    {"--gid", "1000"},
    {"--hostname", "brigade"},
    {"--cap-drop", "ALL"},
};

/* A clean environment; no variable of ours gets in. */
static const struct {
    const char *name, *value;
} environment[] = {
    {"PATH", "/usr/local/bin:/usr/bin:/bin"},
    {"HOME", "/work"},
    {"USER", "student"},
    {"LANG", "C.UTF-8"},
    {"LC_MESSAGES", "C"},
    {"TERM", "dumb"},
    {"NO_COLOR", "1"},
    {"TMPDIR", "/tmp"},
    {"ASAN_OPTIONS", "detect_leaks=0"}, /* for the inside, which unsets it */
};

/* The system, read-only: programs and libraries, and of /etc what they need to start. */
static const struct {
    const char *option, *path;
} system_mounts[] = {
    {"--ro-bind", "/usr"},
    {"--ro-bind-try", "/etc/alternatives"},
    {"--ro-bind-try", "/etc/ld.so.cache"},
    {"--ro-bind-try", "/etc/localtime"},
};

static const char *const own_mounts[] = {"--proc", "/proc", "--dev", "/dev", NULL};

static void put_system(struct mounts *mounts) {
    put_words(mounts, namespaces);
    for (size_t i = 0; i < sizeof identity / sizeof identity[0]; i++)
        put_words(mounts, (const char *const[]){identity[i].option, identity[i].value, NULL});
    mounts_word(mounts, "--clearenv");
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++)
        put_words(mounts, (const char *const[]){"--setenv", environment[i].name,
                                                environment[i].value, NULL});
    for (size_t i = 0; i < sizeof system_mounts / sizeof system_mounts[0]; i++)
        put_words(mounts, (const char *const[]){system_mounts[i].option, system_mounts[i].path,
                                                system_mounts[i].path, NULL});
    put_words(mounts, own_mounts);
}

/* Merged-usr systems have links here, others folders. */
static void put_top_folder(struct mounts *mounts, const char *path) {
    char target[256];
    ssize_t length = readlink(path, target, sizeof target - 1);
    struct stat info;
    if (length > 0) {
        target[length] = '\0';
        put_words(mounts, (const char *const[]){"--symlink", target, path, NULL});
    } else if (stat(path, &info) == 0) {
        put_words(mounts, (const char *const[]){"--ro-bind", path, path, NULL});
    }
}

static void put_tmpfs(struct mounts *mounts, const char *path, int64_t room, const char *mode) {
    put_words(mounts, (const char *const[]){"--perms", mode, "--size", NULL});
    put_word(mounts, xasprintf("%lld", (long long)(room ? room : DEFAULT_ROOM)));
    put_words(mounts, (const char *const[]){"--tmpfs", path, NULL});
}

/* As lxcfs does: the files that tell a program how many CPUs there are. */
static int put_cpus(struct mounts *mounts, int cpus, struct err *err) {
    static const char *const lists[] = {"/sys/devices/system/cpu/online",
                                        "/sys/devices/system/cpu/possible",
                                        "/sys/devices/system/cpu/present"};
    struct buf info = {0}, stat = {0};
    buf_puts(&stat, "cpu  4000 0 4000 40000 0 0 0 0 0 0\n");
    for (int cpu = 0; cpu < cpus; cpu++) {
        buf_printf(&info,
                   "processor\t: %d\nvendor_id\t: Brigade\nmodel name\t: Brigade's CPU\n"
                   "cpu MHz\t\t: 2000.000\nphysical id\t: 0\ncore id\t\t: %d\n\n",
                   cpu, cpu);
        buf_printf(&stat, "cpu%d 1000 0 1000 10000 0 0 0 0 0 0\n", cpu);
    }
    buf_puts(&stat, "intr 0\nctxt 0\nbtime 0\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n");
    char list[16];
    snprintf(list, sizeof list, cpus > 1 ? "0-%d\n" : "%d\n", cpus - 1);
    int code = put_text(mounts, "/proc/cpuinfo", info.data, err);
    if (code == 0)
        code = put_text(mounts, "/proc/stat", stat.data, err);
    for (size_t i = 0; code == 0 && i < sizeof lists / sizeof lists[0]; i++)
        code = put_text(mounts, lists[i], list, err);
    buf_release(&info);
    buf_release(&stat);
    return code;
}

/* A second open file of the same content, so that two boxes can read it side by side. */
static int reopened(int fd, const char *name, struct err *err) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY | O_CLOEXEC);
    return again < 0 ? err_sys(err, errno, "cannot open %s for the box", name) : again;
}

static int put_files(struct mounts *mounts, const struct box_spec *spec, struct err *err) {
    for (size_t i = 0; i < spec->file_count; i++) {
        const struct box_file *file = &spec->files[i];
        int fd = reopened(file->fd, file->name, err);
        if (fd < 0)
            return fd;
        put_words(mounts,
                  (const char *const[]){"--perms", file->executable ? "0755" : "0644", NULL});
        put_data(mounts, "--file", fd, xasprintf("/work/%s", file->name));
    }
    return 0;
}

int mounts_describe(struct mounts *mounts, const struct box_spec *spec, struct err *err) {
    static const char *const top_folders[] = {"/bin",   "/lib",    "/lib32",
                                              "/lib64", "/libx32", "/sbin"};
    mounts_word(mounts, "bwrap");
    put_system(mounts);
    for (size_t i = 0; i < sizeof top_folders / sizeof top_folders[0]; i++)
        put_top_folder(mounts, top_folders[i]);
    int code = put_text(mounts, "/etc/passwd", "student:x:1000:1000::/work:/bin/sh\n", err);
    if (code == 0)
        code = put_text(mounts, "/etc/group", "student:x:1000:\n", err);
    if (code == 0)
        code = put_text(mounts, "/etc/hosts", "127.0.0.1 localhost brigade\n::1 localhost\n", err);
    put_tmpfs(mounts, "/work", spec->limits.workdir_bytes, "0755");
    put_tmpfs(mounts, "/tmp", spec->limits.tmp_bytes, "1777");
    put_tmpfs(mounts, "/dev/shm", SHARED_MEMORY_ROOM, "1777");
    if (code == 0)
        code = put_files(mounts, spec, err);
    if (code == 0 && spec->cpus)
        code = put_cpus(mounts, spec->cpus, err);
    put_words(mounts, (const char *const[]){"--remount-ro", "/dev", "--remount-ro", "/", "--chdir",
                                            "/work", NULL});
    return code;
}
