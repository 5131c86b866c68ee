/* Scenes of timers: alarm, setitimer, timer_create and timerfd. Each says `took N`, the milliseconds that went by on
 * CLOCK_MONOTONIC, and what else it saw. See scenes.h. */
#include "scenes_time.h"

#include <poll.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

static volatile sig_atomic_t rings, code, overrun, value;

static void on_ring(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    rings++;
    code = info->si_code;
    value = info->si_code == SI_TIMER ? info->si_value.sival_int : 0;
    overrun = info->si_code == SI_TIMER ? info->si_overrun : 0;
}

static void hear(int signal) {
    struct sigaction action = {.sa_sigaction = on_ring, .sa_flags = SA_SIGINFO};
    sigaction(signal, &action, NULL);
}

static void scene_alarm(void) {
    hear(SIGALRM);
    begin();
    alarm(WHILE_MS / 1000 * 2);
    say("before", alarm(WHILE_MS / 1000));
    pause();
    took();
    say("rings", rings);
    say("kernel", code == SI_KERNEL);
}

static void scene_wait_with_alarm(void) {
    hear(SIGALRM);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    begin();
    alarm(WHILE_MS / 1000);
    say("result", waitpid(pid, NULL, 0) < 0 ? errno : 0);
    took();
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void scene_setitimer(void) {
    struct itimerval each = {{WHILE_MS / 4000, 0}, {WHILE_MS / 4000, 0}}, left;
    hear(SIGALRM);
    begin();
    setitimer(ITIMER_REAL, &each, NULL);
    while (rings < 4)
        pause();
    took();
    getitimer(ITIMER_REAL, &left);
    say("left", left.it_value.tv_sec + (left.it_value.tv_usec + 999999) / 1000000);
}

static void scene_timer_create(void) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN,
                             .sigev_value.sival_int = 42};
    struct itimerspec each = {in_ms(WHILE_MS / 4), in_ms(WHILE_MS / 4)}, left;
    hear(SIGRTMIN);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    begin();
    timer_settime(timer, 0, &each, NULL);
    while (rings < 4)
        pause();
    took();
    timer_gettime(timer, &left);
    say("left", left.it_value.tv_sec * 1000 + left.it_value.tv_nsec / NS_A_MS);
    say("timer", code == SI_TIMER);
    say("value", value);
    say("deleted", timer_delete(timer));
}

static void scene_timer_overrun(void) {
    timer_t timer;
    sigset_t set;
    struct itimerspec each = {in_ms(WHILE_MS / 10), in_ms(WHILE_MS / 10)};
    hear(SIGALRM);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    begin();
    timer_settime(timer, 0, &each, NULL);
    usleep((WHILE_MS + WHILE_MS / 20) * 1000);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    took();
    say("rings", rings);
    say("overrun", overrun);
    say("told", timer_getoverrun(timer));
}

static void on_thread(union sigval given) {
    (void)given;
    took();
    _exit(0);
}

static void scene_timer_thread(void) {
    begin();
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_thread};
    timer_create(CLOCK_REALTIME, &event, &timer);
    struct itimerspec once = {{0}, after_ms(CLOCK_REALTIME, WHILE_MS)};
    timer_settime(timer, TIMER_ABSTIME, &once, NULL);
    for (;;)
        pause();
}

static uint64_t ticks(int fd) {
    uint64_t count = 0;
    return read(fd, &count, sizeof count) == (ssize_t)sizeof count ? count : 0;
}

static void scene_timerfd(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec each = {in_ms(WHILE_MS / 4), in_ms(WHILE_MS / 4)}, left;
    begin();
    timerfd_settime(fd, 0, &each, NULL);
    long all = 0;
    for (int i = 0; i < 4; i++)
        all += (long)ticks(fd);
    took();
    say("ticks", all);
    timerfd_gettime(fd, &left);
    say("left", left.it_value.tv_sec * 1000 + left.it_value.tv_nsec / NS_A_MS);
}

static void scene_timerfd_unread(void) {
    begin();
    int fd = timerfd_create(CLOCK_REALTIME, 0);
    struct itimerspec each = {in_ms(WHILE_MS / 100), after_ms(CLOCK_REALTIME, WHILE_MS / 100)};
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &each, NULL);
    usleep((WHILE_MS + WHILE_MS / 200) * 1000);
    took();
    say("ticks", (long)ticks(fd));
}

static void scene_timerfd_inherited(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec once = {{0}, in_ms(WHILE_MS)};
    begin();
    pid_t pid = fork();
    if (pid == 0) {
        timerfd_settime(fd, 0, &once, NULL);
        _exit(0);
    }
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    say("result", poll(&ready, 1, -1));
    took();
    say("ticks", (long)ticks(fd));
    waitpid(pid, NULL, 0);
}

static void scene_timerfd_disarmed(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec once = {{0}, in_ms(WHILE_MS / 2)}, never = {0};
    begin();
    timerfd_settime(fd, 0, &once, NULL);
    timerfd_settime(fd, 0, &never, NULL);
    usleep(WHILE_MS * 1000);
    took();
    say("ticks", (long)ticks(fd));
}

static const struct scene scenes[] = {
    SCENE(alarm),
    SCENE(wait_with_alarm),
    SCENE(setitimer),
    SCENE(timer_create),
    SCENE(timer_overrun),
    SCENE(timer_thread),
    SCENE(timerfd),
    SCENE(timerfd_unread),
    SCENE(timerfd_inherited),
    SCENE(timerfd_disarmed),
};

int main(int argc, char **argv) {
    return play_scene(scenes, sizeof scenes / sizeof scenes[0], argc, argv);
}
