#include "model/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

enum { COPY_MAX = 16 << 20, DEPTH_MAX = 8 };

int folder_make(const char *path, struct err *err) {
    char *part = xstrdup(path);
    int code = 0;
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        struct stat there;
        if (mkdir(part, 0777) < 0 &&
            (errno != EEXIST || stat(part, &there) < 0 || !S_ISDIR(there.st_mode)))
            code = err_sys(err, errno, "cannot make the folder %s", part);
        if (code || !slash)
            break;
        *slash = '/';
    }
    free(part);
    return code;
}

bool folder_is_empty(const char *path) {
    DIR *dir = opendir(path);
    if (!dir)
        return true;
    bool empty = true;
    for (struct dirent *entry; empty && (entry = readdir(dir));)
        empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    closedir(dir);
    return empty;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    remove(path);
    return 0;
}

void folder_remove(const char *path) { nftw(path, remove_entry, DEPTH_MAX, FTW_DEPTH | FTW_PHYS); }

const char *folder_remedy(int code) {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return "Make room there, or take another folder: brigade --workspace DIR.";
    case EROFS:
    case EACCES:
    case EPERM: return "Make it writable, or take another folder: brigade --workspace DIR.";
    case ENOTDIR:
    case EISDIR:
    case EEXIST: return "Something else has that name: move it away.";
    default: return "";
    }
}

static int by_name(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

char **folder_list(const char *path, size_t *count) {
    char **names = NULL;
    size_t capacity = 0;
    DIR *dir = opendir(path);
    *count = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat info;
        if (*entry->d_name == '.' || fstatat(dirfd(dir), entry->d_name, &info, 0) < 0 ||
            !S_ISDIR(info.st_mode))
            continue;
        GROW(names, capacity, *count + 2);
        names[(*count)++] = xstrdup(entry->d_name);
    }
    if (dir)
        closedir(dir);
    GROW(names, capacity, *count + 1);
    names[*count] = NULL;
    qsort(names, *count, sizeof *names, by_name);
    return names;
}

static int copy_file(const char *from, const char *to, mode_t mode, struct err *err) {
    struct buf content = {0};
    int code = file_read(from, &content, COPY_MAX, err);
    int fd = -1;
    if (!code) {
        fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644 | (mode & 0111));
        if (fd < 0 && errno != EEXIST)
            code = err_sys(err, errno, "cannot write %s", to);
    }
    if (fd >= 0) {
        code = fd_write_all(fd, content.data, content.length);
        if (code)
            err_sys(err, -code, "cannot write %s", to);
    }
    fd_close(&fd);
    buf_release(&content);
    return code;
}

static int copy_below(const char *from, const char *to, int depth, struct err *err) {
    DIR *dir = opendir(from);
    if (!dir)
        return err_sys(err, errno, "cannot read the folder %s", from);
    int code = folder_make(to, err);
    for (struct dirent *entry; !code && (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        char *source = xasprintf("%s/%s", from, entry->d_name);
        char *target = xasprintf("%s/%s", to, entry->d_name);
        struct stat info;
        if (lstat(source, &info) == 0 && S_ISREG(info.st_mode))
            code = copy_file(source, target, info.st_mode, err);
        else if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX)
            code = copy_below(source, target, depth + 1, err);
        free(source);
        free(target);
    }
    closedir(dir);
    return code;
}

int folder_copy(const char *from, const char *to, struct err *err) {
    return copy_below(from, to, 0, err);
}

static int write_and_sync(int fd, const char *path, const void *bytes, size_t count,
                          struct err *err) {
    int code = fd_write_all(fd, bytes, count);
    if (!code && fsync(fd) < 0)
        code = -errno;
    return code ? err_sys(err, -code, "cannot write %s", path) : 0;
}

int folder_write_whole(const char *path, const void *bytes, size_t count, struct err *err) {
    char *fresh = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(fresh, O_CLOEXEC);
    int code = 0;
    if (fd < 0)
        code = err_sys(err, errno, "cannot write beside %s", path);
    else
        code = write_and_sync(fd, path, bytes, count, err);
    if (!code && (fchmod(fd, 0644) < 0 || rename(fresh, path) < 0))
        code = err_sys(err, errno, "cannot replace %s", path);
    if (code && fd >= 0)
        unlink(fresh);
    fd_close(&fd);
    free(fresh);
    return code;
}
