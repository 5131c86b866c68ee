#include "trace/calls_time.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <unistd.h>

#include "trace/memory.h"
#include "trace/registers.h"

enum { WORDS_AT_ONCE = 512, WORDS_MOST = 1 << 20 /* of argv, envp and the auxiliary vector */ };

static struct timespec timespec_of(int64_t ns) {
    return (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
}

static int64_t ns_of(const struct timespec *time) {
    return (int64_t)time->tv_sec * NS_PER_S + time->tv_nsec;
}

/* --- the vDSO --------------------------------------------------------------------------------- */

/* The stack of a fresh program: argc, argv, NULL, envp, NULL, pairs of the auxiliary vector (getauxval(3)). */
struct stack_walk {
    int nulls; /* ends of argv and envp that we have passed; 2: in the vector */
    bool is_value;
    uint64_t key;
};

/* Returns whether it was the entry looked for, or the vector's end. */
static bool walk_word(struct stack_walk *walk, uint64_t word) {
    if (walk->nulls < 2) {
        walk->nulls += word == 0;
        return false;
    }
    if (walk->is_value) {
        walk->is_value = false;
        return false;
    }
    walk->key = word;
    walk->is_value = true;
    return word == AT_SYSINFO_EHDR || word == AT_NULL;
}

void hide_vdso(pid_t tid) {
    struct registers registers;
    uint64_t words[WORDS_AT_ONCE];
    struct stack_walk walk = {0};
    if (registers_get(tid, &registers) < 0)
        return;
    uint64_t at = registers_stack(&registers) + sizeof words[0]; /* past argc */
    for (size_t seen = 0; seen < WORDS_MOST;) {
        ssize_t got = memory_read(tid, at, words, sizeof words);
        size_t count = got > 0 ? (size_t)got / sizeof words[0] : 0;
        for (size_t i = 0; i < count; i++) {
            if (!walk_word(&walk, words[i]))
                continue;
            const uint64_t ignore = AT_IGNORE;
            if (walk.key == AT_SYSINFO_EHDR)
                memory_write(tid, at + i * sizeof words[0], &ignore, sizeof ignore);
            return;
        }
        if (count == 0)
            return;
        at += count * sizeof words[0];
        seen += count;
    }
}

/* --- clocks ----------------------------------------------------------------------------------- */

static void answer(struct task *task, int64_t result) {
    struct registers registers;
    if (registers_get(task->tid, &registers) < 0)
        return;
    registers_skip(&registers, result);
    registers_set(task->tid, &registers);
}

/* Puts an answer into the program's memory; without a place for it (NULL) there is nothing to put. */
static void answer_with(struct task *task, uint64_t address, const void *value, size_t size) {
    bool put = !address || memory_write(task->tid, address, value, size) == (ssize_t)size;
    answer(task, put ? 0 : -EFAULT);
}

bool clock_gettime_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    task->process->clock_reads++;
    (void)form;
    int64_t shown_ns =
        program_clock_show_ns(&trace->clock, (clockid_t)task->args[0], trace_now_ns(trace));
    if (shown_ns < 0)
        return false;
    struct timespec value = timespec_of(shown_ns);
    if (task->args[1])
        answer_with(task, task->args[1], &value, sizeof value);
    else
        answer(task, -EFAULT);
    return false;
}

bool gettimeofday_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    task->process->clock_reads++;
    (void)form;
    struct timespec now = timespec_of(
        program_clock_show_ns(&trace->clock, CLOCK_REALTIME, trace_now_ns(trace)));
    struct timeval value = {now.tv_sec, now.tv_nsec / 1000};
    const struct timezone zone = {0};
    if (task->args[1])
        memory_write(task->tid, task->args[1], &zone, sizeof zone);
    answer_with(task, task->args[0], &value, sizeof value);
    return false;
}

bool time_enter(struct trace *trace, struct task *task, const struct syscall_form *form) {
    task->process->clock_reads++;
    (void)form;
    time_t seconds =
        program_clock_show_ns(&trace->clock, CLOCK_REALTIME, trace_now_ns(trace)) / NS_PER_S;
    bool put = !task->args[0] || memory_write(task->tid, task->args[0], &seconds,
                                              sizeof seconds) == (ssize_t)sizeof seconds;
    answer(task, put ? seconds : -EFAULT);
    return false;
}

static void change_result(struct task *task, int64_t result) {
    struct registers registers;
    if (registers_get(task->tid, &registers) < 0)
        return;
    registers_set_result(&registers, result);
    registers_set(task->tid, &registers);
}

/* times(2): CPU times in memory, which stay, and clock ticks since some moment as the result. */
void times_leave(struct trace *trace, struct task *task, int64_t result) {
    int64_t shown_ns =
        program_clock_show_ns(&trace->clock, CLOCK_BOOTTIME, trace_now_ns(trace));
    if (result >= 0)
        change_result(task, shown_ns / (NS_PER_S / sysconf(_SC_CLK_TCK)));
}

void sysinfo_leave(struct trace *trace, struct task *task, int64_t result) {
    long uptime_s =
        program_clock_show_ns(&trace->clock, CLOCK_BOOTTIME, trace_now_ns(trace)) / NS_PER_S;
    if (result == 0)
        memory_write(task->tid, task->args[0] + offsetof(struct sysinfo, uptime), &uptime_s,
                     sizeof uptime_s);
}

/* --- times of files --------------------------------------------------------------------------- */

static void put_stamp(struct trace *trace, uint64_t inode, struct timespec *stamp) {
    *stamp = timespec_of(stamps_show_ns(&trace->stamps, inode, &trace->clock, ns_of(stamp)));
}

void stat_leave(struct trace *trace, struct task *task, int64_t result) {
    struct stat info;
    uint64_t address = task->args[task->left->fd_arg];
    if (result != 0 ||
        memory_read(task->tid, address, &info, sizeof info) != (ssize_t)sizeof info ||
        ns_of(&info.st_ctim) < trace->clock.realtime_ns) /* nothing of this run in it */
        return;
    put_stamp(trace, info.st_ino, &info.st_atim);
    put_stamp(trace, info.st_ino, &info.st_mtim);
    put_stamp(trace, info.st_ino, &info.st_ctim);
    memory_write(task->tid, address, &info, sizeof info);
}

static void put_statx_stamp(struct trace *trace, uint64_t inode, struct statx_timestamp *stamp) {
    struct timespec value = {stamp->tv_sec, stamp->tv_nsec};
    put_stamp(trace, inode, &value);
    stamp->tv_sec = value.tv_sec;
    stamp->tv_nsec = (uint32_t)value.tv_nsec;
}

void statx_leave(struct trace *trace, struct task *task, int64_t result) {
    struct statx info;
    if (result != 0 ||
        memory_read(task->tid, task->args[4], &info, sizeof info) != (ssize_t)sizeof info)
        return;
    put_statx_stamp(trace, info.stx_ino, &info.stx_atime);
    put_statx_stamp(trace, info.stx_ino, &info.stx_mtime);
    put_statx_stamp(trace, info.stx_ino, &info.stx_ctime);
    put_statx_stamp(trace, info.stx_ino, &info.stx_btime);
    memory_write(task->tid, task->args[4], &info, sizeof info);
}
