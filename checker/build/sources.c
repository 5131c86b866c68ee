#include "build/sources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/text.h"

static bool fits(const char *name, const char *const *patterns) {
    for (; *patterns; patterns++)
        if (fnmatch(*patterns, name, FNM_PERIOD) == 0)
            return true;
    return false;
}

/* A name becomes an argument of the compiler: it must not look like an option. */
static bool is_sane(const char *name) {
    for (const unsigned char *at = (const unsigned char *)name; *at; at++)
        if (*at < 0x20 || *at == 0x7f)
            return false;
    return name[0] != '-' && name[0] != '@';
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names that fit, sorted; one more than SOURCES_MOST at most. */
static size_t list_names(DIR *dir, const char *const *patterns, char **names) {
    size_t count = 0;
    for (struct dirent *entry; count <= SOURCES_MOST && (entry = readdir(dir));)
        if (fits(entry->d_name, patterns))
            names[count++] = xstrdup(entry->d_name);
    qsort(names, count, sizeof *names, by_name);
    return count;
}

static int open_regular(int dir_fd, const char *name, struct err *refusal) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    struct stat info;
    int fd = (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof how);
    if (fd < 0 && errno == ELOOP)
        return err_set(refusal, ELOOP, "%s is a symbolic link: put the file itself there", name);
    if (fd < 0)
        return err_sys(refusal, errno, "cannot read %s", name);
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        fd_close(&fd);
        return err_set(refusal, EINVAL, "%s is not a regular file: remove it or rename it", name);
    }
    return fd;
}

static int refuse_name(const char *name, struct err *refusal) {
    struct buf shown = {0};
    text_append_printable(&shown, name, strlen(name), false);
    int code = err_set(refusal, EINVAL,
                       "the name of the file \"%s\" begins with - or @, or holds control "
                       "characters: rename it",
                       shown.data);
    buf_release(&shown);
    return code;
}

static int copy(int dir_fd, const char *name, struct err *refusal) {
    if (!is_sane(name))
        return refuse_name(name, refusal);
    int fd = open_regular(dir_fd, name, refusal);
    if (fd < 0)
        return fd;
    struct buf bytes = {0};
    int code = fd_read_all(fd, &bytes, SOURCE_BYTES_MOST);
    fd_close(&fd);
    if (code == -EFBIG)
        code = err_set(refusal, EFBIG, "%s is larger than %d KB, the most that is taken", name,
                       SOURCE_BYTES_MOST >> 10);
    else if (code)
        code = err_sys(refusal, -code, "cannot read %s", name);
    else
        code = fd_from_bytes(name, bytes.data ? bytes.data : "", bytes.length, refusal);
    buf_release(&bytes);
    return code;
}

int sources_take(const char *dir_path, const char *const *patterns, struct build_file *files,
                 struct err *refusal, struct err *err) {
    DIR *dir = opendir(dir_path);
    char *names[SOURCES_MOST + 1];
    if (!dir)
        return err_sys(err, errno, "cannot read the folder %s", dir_path);
    size_t count = list_names(dir, patterns, names), taken = 0;
    if (count > SOURCES_MOST)
        err_set(refusal, E2BIG, "more than %d source files, the most that is taken", SOURCES_MOST);
    for (size_t i = 0; i < count; i++) {
        int fd = refusal->code ? -1 : copy(dirfd(dir), names[i], refusal);
        if (fd >= 0)
            files[taken++] = (struct build_file){names[i], fd, false};
        else
            free(names[i]);
    }
    closedir(dir);
    return (int)taken;
}
