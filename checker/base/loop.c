#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"

enum { EVENTS_A_ROUND = 64, STATUSES_A_ROUND = 256 };

struct watch {
    loop_fd_fn *fn; /* NULL: not watched */
    void *ctx;
    uint32_t
        turn; /* grows each time this fd is watched anew: an event says which watch it is for */
};

struct timer {
    loop_timer_fn *fn; /* NULL: free slot */
    void *ctx;
    int64_t at_ns;  /* -1: disarmed */
    uint64_t round; /* in which it was fired last */
};

struct child {
    pid_t pid;
    loop_child_fn *fn;
    void *ctx;
};

struct loop {
    int epoll_fd;
    int signal_fd;
    sigset_t old_mask;
    struct sigaction old_sigchld;
    struct watch *watches; /* by fd */
    size_t watch_capacity;
    struct timer *timers;
    size_t timer_count, timer_capacity;
    uint64_t round;
    struct child *children;
    size_t child_count, child_capacity;
    loop_child_fn *other;
    void *other_ctx;
    loop_stop_fn *on_stop;
    void *stop_ctx;
    loop_ending_fn *ending;
    void *ending_ctx;
    loop_signal_fn *on_signal;
    void *signal_ctx;
    loop_quiet_fn *quiet;
    void *quiet_ctx;
    unsigned quiet_rounds;
    bool stopped;
    bool more_statuses; /* a round ended before all statuses were told */
};

static uint64_t key_of(int fd, uint32_t turn) { return (uint64_t)turn << 32 | (uint32_t)fd; }

void loop_take_stop(pid_t pid) {
    siginfo_t info;
    waitid(P_PID, (id_t)pid, &info, WSTOPPED | __WALL | WNOHANG);
}

static void tell_stop(const struct loop *loop, const siginfo_t *info) {
    int status = info->si_status << 8 | 0x7f; /* as wait4(2) has it, PTRACE_EVENT numbers included */
    bool traced = info->si_code == CLD_TRAPPED;
    if (!traced || !loop->on_stop || !loop->on_stop(loop->stop_ctx, info->si_pid, status))
        loop_take_stop(info->si_pid);
}

static void tell_end(struct loop *loop, pid_t pid) {
    int status;
    if (loop->ending)
        loop->ending(loop->ending_ctx, pid);
    if (waitpid(pid, &status, __WALL | WNOHANG) != pid)
        return;
    for (size_t i = 0; i < loop->child_count; i++) {
        if (loop->children[i].pid != pid)
            continue;
        struct child child = loop->children[i];
        loop->children[i] = loop->children[--loop->child_count];
        child.fn(child.ctx, pid, status);
        return;
    }
    if (loop->other)
        loop->other(loop->other_ctx, pid, status);
}

static void reap_some(struct loop *loop) {
    loop->more_statuses = true;
    for (int round = 0; round < STATUSES_A_ROUND; round++) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | __WALL | WNOHANG | WNOWAIT) < 0 ||
            info.si_pid == 0) {
            loop->more_statuses = false;
            return;
        }
        if (info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED)
            tell_stop(loop, &info);
        else
            tell_end(loop, info.si_pid);
    }
}

static void on_signal_fd(void *ctx, int fd, uint32_t events) {
    (void)events;
    struct loop *loop = ctx;
    struct signalfd_siginfo info[8];
    ssize_t got = read(fd, info, sizeof info);
    for (ssize_t i = 0; i < got / (ssize_t)sizeof info[0]; i++) {
        int number = (int)info[i].ssi_signo;
        if (number != SIGCHLD && loop->on_signal)
            loop->on_signal(loop->signal_ctx, number);
    }
    reap_some(loop);
}

static bool is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void take_signals(struct loop *loop, sigset_t *mask) {
    /* but not SIGCHLD: ignored, it has the kernel reap our children behind our back */
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &loop->old_sigchld);
    sigemptyset(mask);
    sigaddset(mask, SIGCHLD);
    sigaddset(mask, SIGINT); /* although ignored: that is how scripts start their background jobs */
    sigaddset(mask, SIGTERM);
    if (!is_ignored(SIGHUP)) /* nohup means it */
        sigaddset(mask, SIGHUP);
    sigprocmask(SIG_BLOCK, mask, &loop->old_mask);
}

struct loop *loop_new(struct err *err) {
    struct loop *loop = xcalloc(1, sizeof *loop);
    sigset_t mask;
    take_signals(loop, &mask);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->epoll_fd < 0 || loop->signal_fd < 0) {
        err_sys(err, errno, "cannot make an event loop");
        loop_free(loop);
        return NULL;
    }
    loop_watch(loop, loop->signal_fd, EPOLLIN, on_signal_fd, loop);
    return loop;
}

void loop_free(struct loop *loop) {
    if (!loop)
        return;
    fd_close(&loop->epoll_fd);
    fd_close(&loop->signal_fd);
    sigaction(SIGCHLD, &loop->old_sigchld, NULL);
    sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
    free(loop->watches);
    free(loop->timers);
    free(loop->children);
    free(loop);
}

int loop_watch(struct loop *loop, int fd, uint32_t epoll_events, loop_fd_fn *fn, void *ctx) {
    assert(fd >= 0 && fn);
    size_t old = loop->watch_capacity;
    GROW(loop->watches, loop->watch_capacity, (size_t)fd + 1);
    if (loop->watch_capacity > old)
        memset(loop->watches + old, 0, (loop->watch_capacity - old) * sizeof *loop->watches);
    struct watch *watch = &loop->watches[fd];
    bool known = watch->fn != NULL;
    *watch = (struct watch){fn, ctx, known ? watch->turn : watch->turn + 1};
    struct epoll_event event = {.events = epoll_events, .data.u64 = key_of(fd, watch->turn)};
    int code = epoll_ctl(loop->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (code < 0 &&
        errno == ENOENT) /* it was closed without loop_unwatch, and is another one now */
        code = epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    if (code == 0)
        return 0;
    watch->fn = NULL;
    return -errno;
}

void loop_unwatch(struct loop *loop, int fd) {
    if (fd < 0 || (size_t)fd >= loop->watch_capacity || !loop->watches[fd].fn)
        return;
    loop->watches[fd].fn = NULL;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

int loop_timer_new(struct loop *loop, loop_timer_fn *fn, void *ctx) {
    size_t slot = 0;
    while (slot < loop->timer_count && loop->timers[slot].fn)
        slot++;
    if (slot == loop->timer_count) {
        GROW(loop->timers, loop->timer_capacity, slot + 1);
        loop->timers[loop->timer_count++] = (struct timer){0};
    }
    struct timer *timer = &loop->timers[slot];
    *timer = (struct timer){fn, ctx, -1, timer->round};
    return (int)slot;
}

void loop_timer_set(struct loop *loop, int timer, int64_t at_ns) {
    loop->timers[timer].at_ns = at_ns;
}

void loop_timer_free(struct loop *loop, int timer) {
    if (timer >= 0)
        loop->timers[timer].fn = NULL;
}

void loop_on_child(struct loop *loop, pid_t pid, loop_child_fn *fn, void *ctx) {
    GROW(loop->children, loop->child_capacity, loop->child_count + 1);
    loop->children[loop->child_count++] = (struct child){pid, fn, ctx};
}

void loop_on_other(struct loop *loop, loop_child_fn *fn, void *ctx) {
    loop->other = fn;
    loop->other_ctx = ctx;
}

void loop_on_stop(struct loop *loop, loop_stop_fn *fn, void *ctx) {
    loop->on_stop = fn;
    loop->stop_ctx = ctx;
}

void loop_on_ending(struct loop *loop, loop_ending_fn *fn, void *ctx) {
    loop->ending = fn;
    loop->ending_ctx = ctx;
}

void loop_on_signal(struct loop *loop, loop_signal_fn *fn, void *ctx) {
    loop->on_signal = fn;
    loop->signal_ctx = ctx;
}

void loop_on_quiet(struct loop *loop, loop_quiet_fn *fn, void *ctx) {
    loop->quiet = fn;
    loop->quiet_ctx = ctx;
    loop->quiet_rounds = 0;
}

bool loop_is_pending(const struct loop *loop) {
    struct pollfd ready = {.fd = loop->epoll_fd, .events = POLLIN};
    return loop->more_statuses || poll(&ready, 1, 0) > 0;
}

static int64_t nearest_timer_ns(const struct loop *loop) { /* -1: none is armed */
    int64_t nearest_ns = -1;
    for (size_t i = 0; i < loop->timer_count; i++) {
        int64_t at_ns = loop->timers[i].fn ? loop->timers[i].at_ns : -1;
        if (at_ns >= 0 && (nearest_ns < 0 || at_ns < nearest_ns))
            nearest_ns = at_ns;
    }
    return nearest_ns;
}

static int wait_ms(const struct loop *loop, int timeout_ms) {
    int64_t nearest_ns = nearest_timer_ns(loop);
    if (nearest_ns < 0)
        return timeout_ms;
    int64_t left_ns = nearest_ns - clock_now_ns();
    int64_t left_ms = left_ns <= 0 ? 0 : (left_ns + NS_PER_MS - 1) / NS_PER_MS;
    if (timeout_ms >= 0 && left_ms > timeout_ms)
        left_ms = timeout_ms;
    return left_ms > 60000 ? 60000 : (int)left_ms;
}

/* The earliest timer that is due and has not had its turn in this round; NULL if there is none. */
static struct timer *next_due(struct loop *loop, int64_t now_ns) {
    struct timer *next = NULL;
    for (struct timer *timer = loop->timers; timer < loop->timers + loop->timer_count; timer++)
        if (timer->fn && timer->at_ns >= 0 && timer->at_ns <= now_ns &&
            timer->round != loop->round && (!next || timer->at_ns < next->at_ns))
            next = timer;
    return next;
}

/* Each at most once a round, so that one which arms itself for a moment that is past starves nobody. */
static void fire_timers(struct loop *loop) {
    int64_t now_ns = clock_now_ns();
    loop->round++;
    for (struct timer *timer; (timer = next_due(loop, now_ns));) {
        loop_timer_fn *fn = timer->fn;
        timer->at_ns = -1;
        timer->round = loop->round;
        fn(timer->ctx);
    }
}

/* Asks the quiet handler until it has nothing more to do, and waits as long as it says. Returns whether that was all
 * there is to wait for. */
static bool wait_quietly(struct loop *loop) {
    int64_t most_ns = 0;
    if (!loop->quiet || loop->more_statuses)
        return false;
    if (loop_is_pending(loop)) {
        loop->quiet_rounds = 0;
        return false;
    }
    int64_t nearest_ns = nearest_timer_ns(loop), now_ns = clock_now_ns();
    if (nearest_ns < 0 || nearest_ns > now_ns)
        most_ns = loop->quiet(loop->quiet_ctx, loop->quiet_rounds++);
    if (most_ns < 0)
        return false;
    if (nearest_ns >= 0 && most_ns > nearest_ns - now_ns)
        most_ns = nearest_ns > now_ns ? nearest_ns - now_ns : 0;
    struct timespec most = {most_ns / NS_PER_S, most_ns % NS_PER_S};
    struct pollfd ready = {.fd = loop->epoll_fd, .events = POLLIN};
    if (ppoll(&ready, 1, &most, NULL) > 0)
        loop->quiet_rounds = 0;
    return true;
}

void loop_step(struct loop *loop, int timeout_ms) {
    struct epoll_event events[EVENTS_A_ROUND];
    bool waited = wait_quietly(loop);
    int wait = waited || loop->more_statuses ? 0 : wait_ms(loop, timeout_ms);
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_A_ROUND, wait);
    for (int i = 0; i < count; i++) {
        int fd = (int)(uint32_t)events[i].data.u64;
        struct watch watch = loop->watches[fd];
        if (watch.fn && events[i].data.u64 == key_of(fd, watch.turn))
            watch.fn(watch.ctx, fd, events[i].events);
    }
    fire_timers(loop);
    if (loop->more_statuses)
        reap_some(loop);
}

void loop_run(struct loop *loop) {
    loop->stopped = false;
    while (!loop->stopped)
        loop_step(loop, -1);
}

void loop_stop(struct loop *loop) { loop->stopped = true; }
