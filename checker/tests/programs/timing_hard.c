/* Scenes in which several ways to wait meet: handlers, masks, threads, timers that outlive an exec. Each says `took N`, the
 * milliseconds that went by on CLOCK_MONOTONIC, and `result N`. See scenes.h. */
#include "scenes_time.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

static volatile sig_atomic_t rings;

static void ring(int number) {
    (void)number;
    rings++;
}

static void on_alarm(int flags) {
    struct sigaction action = {.sa_handler = ring, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
}

static int64_t passed_ms(void) { return (now_ns(CLOCK_MONOTONIC) - began_ns) / NS_A_MS; }

/* --- handlers and masks --------------------------------------------------------------------------- */

static void scene_handlers_in_poll(void) { /* a server's loop: the rest of its timeout, again and again */
    struct itimerval every = {.it_value = {3, 0}, .it_interval = {3, 0}};
    on_alarm(0);
    begin();
    setitimer(ITIMER_REAL, &every, NULL);
    while (passed_ms() < WHILE_MS)
        poll(NULL, 0, (int)(WHILE_MS - passed_ms()));
    took();
    say("result", rings);
}

static void scene_sleep_until_after_handlers(void) {
    struct itimerval every = {.it_value = {3, 0}, .it_interval = {3, 0}};
    on_alarm(SA_RESTART);
    begin();
    struct timespec at = after_ms(CLOCK_MONOTONIC, WHILE_MS);
    setitimer(ITIMER_REAL, &every, NULL);
    long interrupted = 0;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        interrupted++;
    took();
    say("result", interrupted);
}

static void block_alarm(sigset_t *before) {
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarms, before);
}

static void scene_pselect_with_a_mask(void) {
    struct timespec while_ = in_ms(WHILE_MS);
    sigset_t open;
    on_alarm(0);
    block_alarm(&open);
    begin();
    alarm(5);
    say("result", pselect(0, NULL, NULL, NULL, &while_, &open) < 0 ? errno : 0);
    took();
}

static void scene_ppoll_masked(void) { /* what is blocked does not end it */
    struct timespec while_ = in_ms(WHILE_MS);
    sigset_t open, alarms;
    on_alarm(0);
    block_alarm(&open);
    sigprocmask(SIG_SETMASK, NULL, &alarms);
    sigprocmask(SIG_SETMASK, &open, NULL);
    begin();
    alarm(5);
    say("result", ppoll(NULL, 0, &while_, &alarms));
    took();
}

static void scene_epoll_pwait_with_a_mask(void) {
    struct epoll_event event;
    sigset_t open;
    on_alarm(0);
    block_alarm(&open);
    begin();
    alarm(5);
    say("result", epoll_pwait(epoll_create1(0), &event, 1, WHILE_MS, &open) < 0 ? errno : 0);
    took();
}

static void scene_sigtimedwait_takes_an_alarm(void) {
    struct timespec while_ = in_ms(WHILE_MS);
    sigset_t alarms, open;
    block_alarm(&open);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    begin();
    alarm(5);
    say("result", sigtimedwait(&alarms, NULL, &while_));
    took();
}

static void scene_alarm_ends_msgrcv(void) {
    struct {
        long type;
        char bytes[8];
    } message;
    int queue = msgget(IPC_PRIVATE, 0600);
    on_alarm(0);
    begin();
    alarm(5);
    say("result", msgrcv(queue, &message, sizeof message.bytes, 0, 0) < 0 ? errno : 0);
    took();
    msgctl(queue, IPC_RMID, NULL);
}

static void scene_alarm_ends_flock(void) {
    char path[] = "/tmp/brigade-lock-XXXXXX";
    int first = mkstemp(path), second = open(path, O_RDWR);
    unlink(path);
    on_alarm(0);
    flock(first, LOCK_EX);
    begin();
    alarm(5);
    say("result", flock(second, LOCK_EX) < 0 ? errno : 0);
    took();
}

/* --- timers ---------------------------------------------------------------------------------------- */

static void scene_timerfd_at_a_time_of_day(void) {
    uint64_t ticks = 0;
    int fd = timerfd_create(CLOCK_REALTIME, 0);
    begin();
    struct itimerspec at = {.it_value = after_ms(CLOCK_REALTIME, WHILE_MS)};
    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL);
    if (read(fd, &ticks, sizeof ticks) < 0)
        ticks = 99;
    took();
    say("result", (long)ticks);
}

static void scene_timerfd_in_the_past(void) {
    uint64_t ticks = 0;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    begin();
    struct itimerspec at = {.it_value = after_ms(CLOCK_MONOTONIC, -2500), .it_interval = {1, 0}};
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL);
    long first = read(fd, &ticks, sizeof ticks) < 0 ? 99 : (long)ticks;
    if (read(fd, &ticks, sizeof ticks) < 0)
        ticks = 99;
    took();
    say("result", first * 10 + (long)ticks);
}

static void scene_timerfds_in_epoll(void) { /* every 3, 5 and 7 s */
    static const int seconds[] = {3, 5, 7};
    int set = epoll_create1(0), fds[3];
    long counts[3] = {0};
    begin();
    for (int i = 0; i < 3; i++) {
        struct itimerspec every = {{seconds[i], 0}, {seconds[i], 0}};
        struct epoll_event event = {.events = i == 1 ? EPOLLIN | EPOLLET : EPOLLIN, .data.u32 = (uint32_t)i};
        fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        timerfd_settime(fds[i], 0, &every, NULL);
        epoll_ctl(set, EPOLL_CTL_ADD, fds[i], &event);
    }
    while (counts[2] < 3) {
        struct epoll_event event;
        uint64_t ticks;
        if (epoll_wait(set, &event, 1, -1) == 1 && read(fds[event.data.u32], &ticks, sizeof ticks) > 0)
            counts[event.data.u32] += (long)ticks;
    }
    took();
    say("result", counts[0] * 100 + counts[1] * 10 + counts[2]);
}

static void scene_timer_in_a_stopped_process(void) { /* it rings when it may run again */
    int ends[2];
    long rung_ms = 0;
    if (pipe(ends))
        _exit(99);
    begin();
    pid_t pid = fork();
    if (pid == 0) {
        on_alarm(0);
        alarm(5);
        pause();
        rung_ms = passed_ms();
        if (write(ends[1], &rung_ms, sizeof rung_ms) < 0)
            _exit(99);
        _exit(0);
    }
    sleep(1);
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    sleep(WHILE_MS / 1000 - 1);
    kill(pid, SIGCONT);
    if (read(ends[0], &rung_ms, sizeof rung_ms) < 0)
        _exit(99);
    took();
    say("result", rung_ms / 1000);
    waitpid(pid, NULL, 0);
}

static void scene_children_have_no_alarm(void) {
    on_alarm(0);
    begin();
    alarm(5);
    pid_t pid = fork();
    if (pid == 0)
        _exit((int)alarm(0) + (sleep(WHILE_MS / 1000) ? 10 : 0));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        continue;
    took();
    say("result", WEXITSTATUS(status) * 10 + rings);
}

/* The same program again, in the second scene. */
static void exec_scene(const char *name) {
    char at[32], path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length < 0 ? 0 : length] = '\0';
    snprintf(at, sizeof at, "%lld", (long long)began_ns);
    setenv("BEGAN", at, 1);
    execl(path, path, name, (char *)NULL);
    _exit(99);
}

static void scene_alarm_over_exec(void) {
    sigset_t open;
    block_alarm(&open);
    begin();
    alarm(WHILE_MS / 1000);
    exec_scene("await_alarm");
}

static void scene_await_alarm(void) {
    sigset_t alarms;
    int number = 0;
    began_ns = strtoll(getenv("BEGAN"), NULL, 10);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigwait(&alarms, &number);
    took();
    say("result", number);
}

static void scene_timerfd_over_exec(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec once = {.it_value = in_ms(WHILE_MS)};
    begin();
    timerfd_settime(fd, 0, &once, NULL);
    dup2(fd, 50);
    exec_scene("await_timerfd");
}

static void scene_await_timerfd(void) {
    uint64_t ticks = 0;
    began_ns = strtoll(getenv("BEGAN"), NULL, 10);
    if (read(50, &ticks, sizeof ticks) < 0)
        ticks = 99;
    took();
    say("result", (long)ticks);
}

static void scene_posix_timer_ends_at_exec(void) {
    timer_t timer;
    struct itimerspec once = {.it_value = in_ms(5000)};
    on_alarm(0);
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    begin();
    timer_settime(timer, 0, &once, NULL);
    exec_scene("sleep_undisturbed");
}

static void scene_sleep_undisturbed(void) {
    began_ns = strtoll(getenv("BEGAN"), NULL, 10);
    say("result", sleep(WHILE_MS / 1000));
    took();
}

static void scene_cpu_timer(void) { /* of the CPU's time: the kernel's business, and it must come */
    struct itimerval once = {.it_value = {0, 50000}};
    signal(SIGPROF, ring);
    begin();
    setitimer(ITIMER_PROF, &once, NULL);
    for (volatile long i = 0; !rings; i = i + 1)
        ;
    took();
    say("result", rings);
}

/* --- threads ---------------------------------------------------------------------------------------- */

static volatile bool over;

static void *sleep_a_little(void *ms) {
    usleep((useconds_t)(intptr_t)ms * 1000);
    over = true;
    return NULL;
}

static void scene_thread_sleeps_while_main_computes(void) {
    pthread_t thread;
    begin();
    pthread_create(&thread, NULL, sleep_a_little, (void *)(intptr_t)300);
    for (volatile long i = 0; !over; i = i + 1)
        ;
    took();
    pthread_join(thread, NULL);
    say("result", 0);
}

static void scene_join_of_a_sleeper(void) {
    pthread_t thread;
    begin();
    pthread_create(&thread, NULL, sleep_a_little, (void *)(intptr_t)WHILE_MS);
    pthread_join(thread, NULL);
    took();
    say("result", 0);
}

static void scene_futex_until_a_time_of_day(void) {
    uint32_t word = 0;
    begin();
    struct timespec at = after_ms(CLOCK_REALTIME, WHILE_MS);
    long code = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &at, NULL,
                        FUTEX_BITSET_MATCH_ANY);
    say("result", code < 0 ? errno : 0);
    took();
}

static void *post_later(void *sem) {
    sleep(5);
    sem_post(sem);
    return NULL;
}

static void scene_semaphore_posted_in_time(void) {
    pthread_t thread;
    sem_t sem;
    sem_init(&sem, 0, 0);
    begin();
    struct timespec at = after_ms(CLOCK_MONOTONIC, WHILE_MS);
    pthread_create(&thread, NULL, post_later, &sem);
    say("result", sem_clockwait(&sem, CLOCK_MONOTONIC, &at));
    took();
    pthread_join(thread, NULL);
}

/* --- much of it, little of it ------------------------------------------------------------------------ */

static void scene_looking_again_and_again(void) { /* poll(2) that never waits */
    begin();
    while (passed_ms() < 300)
        poll(NULL, 0, 0);
    took();
    say("result", 0);
}

static void scene_yielding(void) {
    begin();
    while (passed_ms() < 300)
        sched_yield();
    took();
    say("result", 0);
}

static void scene_second_by_second(void) { /* time(2) alone */
    begin();
    for (time_t from = time(NULL); time(NULL) < from + 2;)
        continue;
    say("result", passed_ms() >= 1000 && passed_ms() <= 2500);
    took();
}

static void scene_a_month(void) {
    begin();
    sleep(30 * 86400);
    say("result", (long)(passed_ms() / 86400000));
    say("took", 0);
}

static void scene_thousand_short_sleeps(void) {
    begin();
    for (int i = 0; i < 1000; i++)
        usleep(1000);
    took();
    say("result", 0);
}

static void scene_daemon_writes_later(void) { /* forked twice, in a session of its own */
    int ends[2];
    char byte = 0;
    if (pipe(ends))
        _exit(99);
    begin();
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() == 0) {
            sleep(WHILE_MS / 1000);
            put(ends[1], "x");
        }
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    close(ends[1]);
    say("result", (long)read(ends[0], &byte, 1));
    took();
}

static void scene_memory_shared_by_sleepers(void) { /* each its turn, by what the others have left there */
    volatile int *turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    begin();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            while (*turn != i)
                usleep(10000);
            sleep(1);
            *turn = i + 1;
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    say("result", *turn);
    took();
}

static const struct scene scenes[] = {
    SCENE(handlers_in_poll),
    SCENE(sleep_until_after_handlers),
    SCENE(pselect_with_a_mask),
    SCENE(ppoll_masked),
    SCENE(epoll_pwait_with_a_mask),
    SCENE(sigtimedwait_takes_an_alarm),
    SCENE(alarm_ends_msgrcv),
    SCENE(alarm_ends_flock),
    SCENE(timerfd_at_a_time_of_day),
    SCENE(timerfd_in_the_past),
    SCENE(timerfds_in_epoll),
    SCENE(timer_in_a_stopped_process),
    SCENE(children_have_no_alarm),
    SCENE(alarm_over_exec),
    SCENE(await_alarm),
    SCENE(timerfd_over_exec),
    SCENE(await_timerfd),
    SCENE(posix_timer_ends_at_exec),
    SCENE(sleep_undisturbed),
    SCENE(cpu_timer),
    SCENE(thread_sleeps_while_main_computes),
    SCENE(join_of_a_sleeper),
    SCENE(futex_until_a_time_of_day),
    SCENE(semaphore_posted_in_time),
    SCENE(looking_again_and_again),
    SCENE(yielding),
    SCENE(second_by_second),
    SCENE(a_month),
    SCENE(thousand_short_sleeps),
    SCENE(daemon_writes_later),
    SCENE(memory_shared_by_sleepers),
};

int main(int argc, char **argv) {
    return play_scene(scenes, sizeof scenes / sizeof scenes[0], argc, argv);
}
