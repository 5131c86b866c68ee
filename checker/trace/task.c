#include "trace/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

enum { SLOTS_AT_FIRST = 64, STATUS_MOST = 8192 };

/* Open addressing needs a mark where something was removed; it is never dereferenced. */
static struct task removed_mark;

void tasks_init(struct tasks *tasks) {
    *tasks = (struct tasks){.slot_count = SLOTS_AT_FIRST};
    tasks->slots = xcalloc(tasks->slot_count, sizeof *tasks->slots);
}

void tasks_release(struct tasks *tasks) {
    for (size_t i = 0; i < tasks->slot_count; i++)
        if (tasks->slots[i] && tasks->slots[i] != &removed_mark)
            free(tasks->slots[i]);
    free(tasks->slots);
    for (size_t i = 0; i < tasks->process_count; i++) {
        fd_close(&tasks->processes[i]->pidfd);
        free(tasks->processes[i]->shown_words);
        free(tasks->processes[i]);
    }
    free(tasks->processes);
    *tasks = (struct tasks){0};
}

static size_t slot_of(const struct tasks *tasks, pid_t tid) {
    return ((uint32_t)tid * UINT32_C(2654435761)) & (tasks->slot_count - 1);
}

struct task *tasks_find(const struct tasks *tasks, pid_t tid) {
    for (size_t i = slot_of(tasks, tid);; i = (i + 1) & (tasks->slot_count - 1)) {
        struct task *task = tasks->slots[i];
        if (!task)
            return NULL;
        if (task != &removed_mark && task->tid == tid)
            return task;
    }
}

static void put(struct tasks *tasks, struct task *task) {
    size_t i = slot_of(tasks, task->tid);
    while (tasks->slots[i])
        i = (i + 1) & (tasks->slot_count - 1);
    tasks->slots[i] = task;
    tasks->used++;
}

/* Rehashes when marks and tasks fill half the table; that bounds every search. */
static void make_room(struct tasks *tasks) {
    if (tasks->used * 2 < tasks->slot_count)
        return;
    struct task **old = tasks->slots;
    size_t old_count = tasks->slot_count, live = 0;
    for (size_t i = 0; i < old_count; i++)
        live += old[i] && old[i] != &removed_mark;
    tasks->slot_count = SLOTS_AT_FIRST;
    while (tasks->slot_count < live * 4)
        tasks->slot_count *= 2;
    tasks->slots = xcalloc(tasks->slot_count, sizeof *tasks->slots);
    tasks->used = 0;
    for (size_t i = 0; i < old_count; i++)
        if (old[i] && old[i] != &removed_mark)
            put(tasks, old[i]);
    free(old);
}

struct task *tasks_add(struct tasks *tasks, pid_t tid, struct process *process) {
    make_room(tasks);
    struct task *task = xcalloc(1, sizeof *task);
    task->tid = tid;
    task->process = process;
    if (process)
        process->task_count++;
    put(tasks, task);
    return task;
}

void tasks_remove(struct tasks *tasks, struct task *task) {
    size_t i = slot_of(tasks, task->tid);
    while (tasks->slots[i] != task)
        i = (i + 1) & (tasks->slot_count - 1);
    tasks->slots[i] = &removed_mark;
    if (task->process)
        task->process->task_count--;
    free(task);
}

struct task *tasks_next(const struct tasks *tasks, size_t *at) {
    while (*at < tasks->slot_count) {
        struct task *task = tasks->slots[(*at)++];
        if (task && task != &removed_mark)
            return task;
    }
    return NULL;
}

struct process *processes_add(struct tasks *tasks, pid_t host_pid, int pid,
                              struct process *parent) {
    struct process *process = xcalloc(1, sizeof *process);
    *process = (struct process){.host_pid = host_pid, .pid = pid, .parent = parent, .pidfd = -1,
                                .alive = true, .spoke_ns = -1, .shown_state = -1};
    GROW(tasks->processes, tasks->process_capacity, tasks->process_count + 1);
    tasks->processes[tasks->process_count++] = process;
    return process;
}

struct process *processes_find_host(const struct tasks *tasks, pid_t host_pid) {
    for (size_t i = tasks->process_count; i-- > 0;)
        if (tasks->processes[i]->host_pid == host_pid)
            return tasks->processes[i];
    return NULL;
}

struct process *processes_find(const struct tasks *tasks, int pid) {
    for (size_t i = tasks->process_count; i-- > 0;)
        if (tasks->processes[i]->pid == pid)
            return tasks->processes[i];
    return NULL;
}

static const char *field(const char *text, const char *name) {
    const char *at = strstr(text, name);
    return at ? at + strlen(name) : "";
}

static int last_number(const char *line) {
    int value = 0;
    while (*line && *line != '\n') {
        char *end;
        long number = strtol(line, &end, 10);
        if (end == line)
            break;
        value = (int)number;
        line = end;
        while (*line == '\t' || *line == ' ')
            line++;
    }
    return value;
}

/* proc(5), /proc/[pid]/status: 0 or -errno. */
static int read_status(pid_t tid, char *text, size_t size) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t got = read(fd, text, size - 1);
    int code = got < 0 ? -errno : 0;
    fd_close(&fd);
    text[got < 0 ? 0 : got] = '\0';
    return code;
}

int task_status_read(pid_t tid, struct task_status *status) {
    char text[STATUS_MOST];
    int code = read_status(tid, text, sizeof text);
    if (code)
        return code;
    const char *state = field(text, "\nState:\t");
    *status = (struct task_status){
        .tgid = (pid_t)strtol(field(text, "\nTgid:\t"), NULL, 10),
        .parent = (pid_t)strtol(field(text, "\nPPid:\t"), NULL, 10),
        .inner_pid = last_number(field(text, "\nNSpid:\t")),
        .state = *state ? *state : '?',
        .switches = strtoull(field(text, "\nvoluntary_ctxt_switches:\t"), NULL, 10) +
                    strtoull(field(text, "\nnonvoluntary_ctxt_switches:\t"), NULL, 10),
    };
    return status->tgid ? 0 : -ESRCH;
}

bool task_signal_pending(pid_t tid, int signal) {
    char text[STATUS_MOST];
    if (read_status(tid, text, sizeof text) < 0)
        return false;
    uint64_t pending = strtoull(field(text, "\nSigPnd:\t"), NULL, 16) |
                       strtoull(field(text, "\nShdPnd:\t"), NULL, 16);
    return pending >> (signal - 1) & 1;
}
