#include "trace/timerfd.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "trace/object.h"

#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, uint64_t) /* ioctl(2) on a timerfd, linux/timerfd.h */
#endif

enum { FDINFO_MOST = 4096 };

/* A figure of proc(5), /proc/[pid]/fdinfo; -1 if there is none. */
static int64_t info_figure(int copy, const char *name) {
    char path[48];
    struct buf text = {0};
    int64_t value = -1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", copy);
    if (file_read(path, &text, FDINFO_MOST, NULL) == 0 && text.data) {
        const char *at = strstr(text.data, name);
        value = at ? strtoll(at + strlen(name), NULL, 10) : -1;
    }
    buf_release(&text);
    return value;
}

int timerfd_borrow(const struct task *task, int fd, clockid_t *clock) {
    if (task_object(task, fd).kind != OBJECT_TIMER)
        return -1;
    int copy = object_borrow(task->process->pidfd, fd);
    if (copy < 0)
        return -1;
    *clock = (clockid_t)info_figure(copy, "clockid:");
    return copy;
}

void timerfd_release(int *copy) { fd_close(copy); }

static bool is_same_file(pid_t pid, int fd, int copy) {
    return syscall(SYS_kcmp, getpid(), pid, KCMP_FILE, copy, fd) == 0;
}

bool timerfd_is_same(int copy, int other) { return is_same_file(getpid(), other, copy); }

struct holder_search {
    pid_t host_pid;
    int copy;
    bool found;
};

static bool is_holder(void *ctx, int fd, struct object object) {
    struct holder_search *search = ctx;
    search->found = object.kind == OBJECT_TIMER && is_same_file(search->host_pid, fd, search->copy);
    return !search->found;
}

bool timerfd_is_held(const struct tasks *tasks, int copy) {
    for (size_t i = 0; i < tasks->process_count; i++) {
        struct holder_search search = {tasks->processes[i]->host_pid, copy, false};
        if (tasks->processes[i]->alive)
            object_each(search.host_pid, is_holder, &search);
        if (search.found)
            return true;
    }
    return false;
}

void timerfd_disarm(int copy) {
    const struct itimerspec never = {0};
    timerfd_settime(copy, 0, &never, NULL);
}

void timerfd_tick(int copy, uint64_t times) {
    int64_t unread = info_figure(copy, "ticks:");
    uint64_t ticks = times + (unread > 0 ? (uint64_t)unread : 0);
    if (ioctl(copy, TFD_IOC_SET_TICKS, &ticks) == 0)
        return;
    /* a kernel without checkpoint support: one tick, however many there were */
    const struct itimerspec at_once = {.it_value.tv_nsec = 1};
    timerfd_settime(copy, 0, &at_once, NULL);
}
