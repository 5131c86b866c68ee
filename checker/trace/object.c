#include "trace/object.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"

enum { FDINFO_MOST = 4096, EPOLL_MOST = 1 << 18, SURE_BYTES = 16 << 10 };

static struct object of_mode(const struct stat *info) {
    if (S_ISSOCK(info->st_mode))
        return (struct object){OBJECT_SOCKET, info->st_ino};
    if (S_ISFIFO(info->st_mode))
        return (struct object){OBJECT_PIPE, info->st_ino};
    if (S_ISCHR(info->st_mode))
        return (struct object){OBJECT_TERMINAL, info->st_rdev};
    return (struct object){S_ISREG(info->st_mode) ? OBJECT_FILE : OBJECT_OTHER, info->st_ino};
}

static struct object named(const char *link, const char *path) {
    static const struct {
        const char *prefix;
        enum object_kind kind;
    } kinds[] = {
        {"pipe:[", OBJECT_PIPE},
        {"socket:[", OBJECT_SOCKET},
        {"anon_inode:[timerfd]", OBJECT_TIMER},
        {"anon_inode:", OBJECT_OTHER},
        {"/memfd:", OBJECT_FILE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i].prefix);
        if (strncmp(link, kinds[i].prefix, length) == 0)
            return (struct object){kinds[i].kind, strtoull(link + length, NULL, 10)};
    }
    struct stat info;
    if (stat(path, &info) < 0)
        return (struct object){OBJECT_OTHER, 0};
    return of_mode(&info);
}

struct object object_of(pid_t tid, int fd) {
    char path[48], link[128];
    if (fd < 0)
        return (struct object){OBJECT_NONE, 0};
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, fd);
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0)
        return (struct object){OBJECT_NONE, 0};
    link[length] = '\0';
    return named(link, path);
}

bool object_is_open_for(pid_t host_pid, int fd, bool reading) {
    char path[48];
    struct stat link; /* proc(5): the permissions of the link are the descriptor's mode */
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)host_pid, fd);
    return lstat(path, &link) == 0 && (link.st_mode & (reading ? S_IRUSR : S_IWUSR));
}

struct object object_of_copy(int copy) {
    struct stat info;
    return fstat(copy, &info) < 0 ? (struct object){OBJECT_NONE, 0} : of_mode(&info);
}

struct object object_ask_keeping(int pidfd, pid_t tid, int fd, int *copy) {
    *copy = object_borrow(pidfd, fd);
    struct object object = *copy < 0 ? (struct object){OBJECT_OTHER, 0} : object_of_copy(*copy);
    return object.kind == OBJECT_OTHER ? object_of(tid, fd) : object;
}

struct object object_ask(int pidfd, pid_t tid, int fd) {
    int copy;
    struct object object = object_ask_keeping(pidfd, tid, fd, &copy);
    fd_close(&copy);
    return object;
}

bool object_takes_at_once(int copy, uint64_t count) {
    struct pollfd entry = {.fd = copy, .events = POLLOUT};
    return count && count <= SURE_BYTES && copy >= 0 && poll(&entry, 1, 0) == 1 && entry.revents == POLLOUT;
}

bool object_has_unread(int copy) {
    int bytes = 0;
    return copy >= 0 && ioctl(copy, FIONREAD, &bytes) == 0 && bytes > 0;
}

void object_each(pid_t host_pid, object_fn *fn, void *ctx) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)host_pid);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    bool more = true;
    for (struct dirent *entry; more && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        int fd = atoi(entry->d_name);
        more = fn(ctx, fd, object_of(host_pid, fd));
    }
    closedir(dir);
}

bool object_timer_is_armed(pid_t tid, int fd) {
    char path[48];
    struct buf text = {0};
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)tid, fd);
    bool armed = false;
    if (file_read(path, &text, FDINFO_MOST, NULL) == 0 && text.data) {
        const char *at = strstr(text.data, "it_value: (");
        unsigned long long seconds = 0, nanoseconds = 0;
        if (at && sscanf(at, "it_value: (%llu, %llu)", &seconds, &nanoseconds) == 2)
            armed = seconds || nanoseconds;
    }
    buf_release(&text);
    return armed;
}

struct edge_search {
    pid_t host_pid;
    int watched;
    bool found;
};

/* proc(5), /proc/[pid]/fdinfo of an epoll instance: a line `tfd: N events: HEX ...` for each descriptor. */
static bool look_at_epoll(void *ctx, int fd, struct object object) {
    struct edge_search *search = ctx;
    char path[48];
    struct buf text = {0};
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)search->host_pid, fd);
    if (object.kind != OBJECT_OTHER || file_read(path, &text, EPOLL_MOST, NULL) || !text.data) {
        buf_release(&text);
        return true;
    }
    for (const char *at = text.data; (at = strstr(at, "tfd:")); at++) {
        int watched;
        unsigned events;
        if (sscanf(at, "tfd: %d events: %x", &watched, &events) == 2 && watched == search->watched &&
            (events & EPOLLET))
            search->found = true;
    }
    buf_release(&text);
    return !search->found;
}

bool object_is_edge_watched(pid_t host_pid, int fd) {
    struct edge_search search = {.host_pid = host_pid, .watched = fd};
    object_each(host_pid, look_at_epoll, &search);
    return search.found;
}

bool object_is_hung_up(int pidfd, int fd) {
    struct pollfd entry = {.fd = object_borrow(pidfd, fd)};
    bool hung_up = entry.fd >= 0 && poll(&entry, 1, 0) == 1 && (entry.revents & POLLHUP);
    fd_close(&entry.fd);
    return hung_up;
}

int object_borrow(int pidfd, int fd) {
    int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    return copy < 0 ? -errno : copy;
}
