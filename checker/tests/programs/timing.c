/* Scenes of waiting: every call that can wait, and every way to tell the time. Each says `took N`,
 * the milliseconds that went by on CLOCK_MONOTONIC, and what else it saw. See scenes.h. */
#include "scenes_time.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>

/* --- sleeping ---------------------------------------------------------------------------------- */

static void scene_nanosleep(void) {
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", syscall(SYS_nanosleep, &while_, NULL));
    took();
}

static void scene_clock_nanosleep(void) {
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", clock_nanosleep(CLOCK_BOOTTIME, 0, &while_, NULL));
    took();
}

static void scene_sleep_until(void) {
    begin();
    struct timespec at = after_ms(CLOCK_MONOTONIC, WHILE_MS);
    say("result", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL));
    took();
}

static void scene_sleep_until_realtime(void) {
    begin();
    struct timespec at = after_ms(CLOCK_REALTIME, WHILE_MS);
    say("result", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL));
    took();
}

static void scene_thousand_sleeps(void) {
    begin();
    for (int i = 0; i < 1000; i++)
        usleep(WHILE_MS);
    took();
}

static void scene_short_sleeps(void) {
    begin();
    for (int i = 0; i < 20; i++)
        usleep(10000);
    took();
}

/* --- interrupted sleeps -------------------------------------------------------------------------- */

static pid_t signals_after(int64_t ms, int first, int second) {
    pid_t parent = getpid(), pid = fork();
    if (pid)
        return pid;
    usleep((useconds_t)ms * 1000);
    kill(parent, first);
    usleep((useconds_t)ms * 1000);
    if (second)
        kill(parent, second);
    _exit(0);
}

static void scene_remainder(void) {
    struct timespec while_ = in_ms(WHILE_MS), rest = {0};
    signal(SIGUSR1, ignore);
    begin();
    pid_t pid = signals_after(WHILE_MS / 4, SIGUSR1, 0);
    say("result", nanosleep(&while_, &rest) == 0 ? 0 : errno);
    say("rest", (long)(rest.tv_sec * 1000 + rest.tv_nsec / NS_A_MS));
    nanosleep(&rest, NULL);
    took();
    waitpid(pid, NULL, 0);
}

static void scene_stopped_asleep(void) { /* restart_syscall(2) */
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    pid_t pid = signals_after(WHILE_MS / 4, SIGSTOP, SIGCONT);
    say("result", nanosleep(&while_, NULL));
    took();
    waitpid(pid, NULL, 0);
}

static void scene_stopped_in_poll(void) {
    begin();
    pid_t pid = signals_after(WHILE_MS / 4, SIGSTOP, SIGCONT);
    say("result", poll(NULL, 0, WHILE_MS));
    took();
    waitpid(pid, NULL, 0);
}

static void scene_stopped_beyond(void) { /* the time is over when it wakes */
    begin();
    pid_t pid = signals_after(WHILE_MS / 2, SIGSTOP, SIGCONT);
    say("result", poll(NULL, 0, WHILE_MS * 3 / 4));
    took();
    waitpid(pid, NULL, 0);
}

/* --- waiting for descriptors ---------------------------------------------------------------------- */

static int quiet_pipe(void) {
    int ends[2];
    if (pipe(ends))
        _exit(99);
    return ends[0];
}

static void scene_poll(void) {
    struct pollfd ready = {.fd = quiet_pipe(), .events = POLLIN};
    begin();
    say("result", poll(&ready, 1, WHILE_MS));
    took();
}

static void scene_ppoll(void) {
    struct pollfd ready = {.fd = quiet_pipe(), .events = POLLIN};
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", ppoll(&ready, 1, &while_, NULL));
    took();
}

static void scene_select(void) {
    fd_set set;
    int fd = quiet_pipe();
    FD_ZERO(&set);
    FD_SET(fd, &set);
    struct timeval while_ = {WHILE_MS / 1000, 0};
    begin();
    say("result", select(fd + 1, &set, NULL, NULL, &while_));
    took();
    say("left", FD_ISSET(fd, &set) + while_.tv_sec + while_.tv_usec);
}

static void scene_pselect(void) {
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", pselect(0, NULL, NULL, NULL, &while_, NULL));
    took();
}

static int epoll_of(int fd) {
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    return set;
}

static void scene_epoll_wait(void) {
    struct epoll_event event;
    int set = epoll_of(quiet_pipe());
    begin();
    say("result", epoll_wait(set, &event, 1, WHILE_MS));
    took();
}

static void scene_epoll_pwait2(void) {
    struct epoll_event event;
    struct timespec while_ = in_ms(WHILE_MS);
    int set = epoll_of(quiet_pipe());
    begin();
    say("result", syscall(SYS_epoll_pwait2, set, &event, 1, &while_, NULL, 0));
    took();
}

static void scene_woken(void) { /* what comes before the timeout counts */
    int ends[2];
    if (pipe(ends))
        _exit(99);
    begin(); /* before the child can, whose time counts */
    pid_t pid = fork();
    if (pid == 0) {
        usleep(WHILE_MS / 2 * 1000);
        put(ends[1], "x");
        _exit(0);
    }
    struct pollfd ready = {.fd = ends[0], .events = POLLIN};
    say("result", poll(&ready, 1, WHILE_MS));
    took();
    waitpid(pid, NULL, 0);
}

static void scene_just_looking(void) {
    struct pollfd ready = {.fd = quiet_pipe(), .events = POLLIN};
    begin();
    say("result", poll(&ready, 1, 0));
    took();
}

static void with_timeout(int side) {
    int ends[2];
    struct timeval while_ = {WHILE_MS / 1000, 0}, shown = {0};
    socklen_t size = sizeof shown;
    char bytes[4096] = {0};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        _exit(99);
    setsockopt(ends[0], SOL_SOCKET, side, &while_, sizeof while_);
    getsockopt(ends[0], SOL_SOCKET, side, &shown, &size);
    say("shown", shown.tv_sec);
    if (side == SO_SNDTIMEO)
        while (send(ends[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0)
            continue;
    begin();
    ssize_t done = side == SO_SNDTIMEO ? send(ends[0], bytes, sizeof bytes, 0)
                                       : recv(ends[0], bytes, sizeof bytes, 0);
    say("result", done < 0 ? errno : 0);
    took();
}

static void scene_rcvtimeo(void) { with_timeout(SO_RCVTIMEO); }
static void scene_sndtimeo(void) { with_timeout(SO_SNDTIMEO); }

/* --- waiting for each other ------------------------------------------------------------------------ */

static void scene_cond(void) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&mutex);
    begin();
    struct timespec at = after_ms(CLOCK_REALTIME, WHILE_MS);
    say("result", pthread_cond_timedwait(&cond, &mutex, &at));
    took();
}

static void scene_mutex(void) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    begin();
    struct timespec at = after_ms(CLOCK_MONOTONIC, WHILE_MS);
    say("result", pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &at));
    took();
}

static void scene_semaphore(void) {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    begin();
    struct timespec at = after_ms(CLOCK_REALTIME, WHILE_MS);
    say("result", sem_timedwait(&semaphore, &at) == 0 ? 0 : errno);
    took();
}

static void scene_futex(void) {
    uint32_t word = 0;
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", syscall(SYS_futex, &word, FUTEX_WAIT, 0, &while_, NULL, 0) == 0 ? 0 : errno);
    took();
}

static void scene_semtimedop(void) {
    int set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    struct sembuf down = {0, -1, 0};
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", semtimedop(set, &down, 1, &while_) == 0 ? 0 : errno);
    took();
    semctl(set, 0, IPC_RMID);
}

static void scene_mq(void) {
    char name[32], bytes[64];
    snprintf(name, sizeof name, "/brigade-test-%d", (int)getpid());
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = sizeof bytes};
    mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink(name);
    say("open", queue >= 0);
    begin();
    struct timespec at = after_ms(CLOCK_REALTIME, WHILE_MS);
    say("result", mq_timedreceive(queue, bytes, sizeof bytes, NULL, &at) >= 0 ? 0 : errno);
    took();
}

static void scene_sigtimedwait(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct timespec while_ = in_ms(WHILE_MS);
    begin();
    say("result", sigtimedwait(&set, NULL, &while_) > 0 ? 0 : errno);
    took();
}

/* --- telling the time -------------------------------------------------------------------------------- */

static void scene_clocks(void) {
    struct timeval day[2];
    struct tms unused;
    struct sysinfo info[2];
    struct stat stat_[2];
    time_t seconds[2];
    clock_t ticks_[2];
    int64_t realtime[2], boottime[2], coarse[2];
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    begin();
    for (int i = 0; i < 2; i++) {
        gettimeofday(&day[i], NULL);
        seconds[i] = time(NULL);
        ticks_[i] = times(&unused);
        sysinfo(&info[i]);
        realtime[i] = now_ns(CLOCK_REALTIME);
        boottime[i] = now_ns(CLOCK_BOOTTIME);
        coarse[i] = now_ns(CLOCK_MONOTONIC_COARSE);
        put(fd, "x");
        fstat(fd, &stat_[i]);
        if (i == 0)
            usleep(WHILE_MS * 1000);
    }
    took();
    say("gettimeofday", (long)(day[1].tv_sec - day[0].tv_sec));
    say("time", (long)(seconds[1] - seconds[0]));
    say("times", (long)(ticks_[1] - ticks_[0]) / sysconf(_SC_CLK_TCK));
    say("sysinfo", info[1].uptime - info[0].uptime);
    say("realtime", (long)((realtime[1] - realtime[0]) / NS_A_MS / 1000));
    say("boottime", (long)((boottime[1] - boottime[0]) / NS_A_MS / 1000));
    say("coarse", (long)((coarse[1] - coarse[0]) / NS_A_MS / 1000));
    say("file", (long)(stat_[1].st_mtim.tv_sec - stat_[0].st_mtim.tv_sec));
    say("apart", labs((long)(stat_[1].st_mtim.tv_sec - seconds[1])));
}

/* Burns CPU until the clock has moved on. */
static void scene_spin(void) {
    enum { SPIN_MS = 300 };
    begin();
    while (now_ns(CLOCK_MONOTONIC) - began_ns < (int64_t)SPIN_MS * NS_A_MS)
        continue;
    took();
}

static void scene_burn(void) {
    struct timespec used;
    begin();
    do
        for (volatile int i = 0; i < 1000000; i = i + 1)
            continue;
    while (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 && used.tv_sec == 0 &&
           used.tv_nsec < 300 * NS_A_MS);
    took();
}

static void scene_two_sleepers(void) { /* in the order of their deadlines, whoever asked first */
    int ends[2];
    char bytes[3] = {0};
    if (pipe(ends))
        _exit(99);
    begin();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            usleep((useconds_t)(WHILE_MS - i * WHILE_MS / 4) * 1000);
            put(ends[1], i == 0 ? "0" : i == 1 ? "1" : "2");
            _exit(0);
        }
    for (int i = 0; i < 3; i++)
        if (read(ends[0], bytes + i, 1) != 1)
            _exit(99);
    took();
    say("order", strtol((char[]){bytes[0], bytes[1], bytes[2], 0}, NULL, 10));
    while (wait(NULL) > 0)
        continue;
}

static void scene_vfork_asleep(void) {
    begin();
    pid_t pid = vfork();
    if (pid == 0) {
        struct timespec while_ = in_ms(WHILE_MS);
        nanosleep(&while_, NULL);
        _exit(0);
    }
    took();
    waitpid(pid, NULL, 0);
}

/* --- nobody will ever wake them ------------------------------------------------------------------------ */

static void scene_deadlocked_futex(void) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}

static void each_reads(int type) {
    int to[2], from[2];
    char byte;
    if (type ? socketpair(AF_UNIX, type, 0, to) : pipe(to) || pipe(from))
        _exit(99);
    say("child", fork());
    while (read(to[type ? 1 : 0], &byte, 1) > 0)
        continue;
}

static void scene_deadlocked_pipe(void) { each_reads(0); }
static void scene_deadlocked_socketpair(void) { each_reads(SOCK_STREAM); }

static const struct scene scenes[] = {
    SCENE(nanosleep),
    SCENE(clock_nanosleep),
    SCENE(sleep_until),
    SCENE(sleep_until_realtime),
    SCENE(thousand_sleeps),
    SCENE(short_sleeps),
    SCENE(remainder),
    SCENE(stopped_asleep),
    SCENE(stopped_in_poll),
    SCENE(stopped_beyond),
    SCENE(poll),
    SCENE(ppoll),
    SCENE(select),
    SCENE(pselect),
    SCENE(epoll_wait),
    SCENE(epoll_pwait2),
    SCENE(woken),
    SCENE(just_looking),
    SCENE(rcvtimeo),
    SCENE(sndtimeo),
    SCENE(cond),
    SCENE(mutex),
    SCENE(semaphore),
    SCENE(futex),
    SCENE(semtimedop),
    SCENE(mq),
    SCENE(sigtimedwait),
    SCENE(clocks),
    SCENE(spin),
    SCENE(burn),
    SCENE(two_sleepers),
    SCENE(vfork_asleep),
    SCENE(deadlocked_futex),
    SCENE(deadlocked_pipe),
    SCENE(deadlocked_socketpair),
};

int main(int argc, char **argv) {
    return play_scene(scenes, sizeof scenes / sizeof scenes[0], argc, argv);
}
