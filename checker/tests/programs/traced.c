/* Scenes of processes: births, deaths, signals, limits, waiting. See scenes.h. */
#include "scenes.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

/* --- births and deaths ---------------------------------------------------------------------- */

static void scene_fork(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_killed(void) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    say("child", pid);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

static void scene_segv(void) {
    pid_t pid = fork();
    if (pid == 0) {
        volatile int *nowhere = NULL;
        _exit(*nowhere);
    }
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_vfork(void) {
    pid_t pid = vfork();
    if (pid == 0)
        _exit(3);
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_spawn(void) {
    char *argv[] = {"sh", "-c", "exit 5", NULL};
    pid_t pid;
    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ))
        _exit(99);
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static int thread_pipe[2];

static void *talk(void *unused) {
    (void)unused;
    say("thread", (long)syscall(SYS_gettid));
    put(thread_pipe[1], "{\"by\":\"thread\"}\n");
    return NULL;
}

static void scene_threads(void) {
    pthread_t thread;
    if (pipe(thread_pipe) < 0)
        _exit(99);
    pid_t pid = reader(thread_pipe[0], thread_pipe[1], 16, 100);
    say("child", pid);
    pthread_create(&thread, NULL, talk, NULL);
    pthread_join(thread, NULL);
    waitpid(pid, NULL, 0);
}

static void *exec_true(void *unused) {
    (void)unused;
    execl("/bin/true", "true", "by-thread", (char *)NULL);
    _exit(99);
}

static void scene_thread_exec(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, exec_true, NULL);
    for (;;)
        pause();
}

/* Two children, one after the other, that use a tenth of a second of CPU time each, and stay zombies. */
static void scene_burns(void) {
    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();
        while (pid == 0)
            if (clock() >= CLOCKS_PER_SEC / 10)
                _exit(0);
        waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT);
    }
    pause();
}

static void burn(int rounds) {
    for (int i = 0; i < rounds; i++) {
        pid_t pid = fork();
        while (pid == 0)
            if (clock() >= CLOCKS_PER_SEC / 50)
                _exit(0);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) /* SIGCHLD ignored: ECHILD when it is over */
            continue;
    }
}

/* Children that use 20 ms of CPU time each: reaped as soon as they end, by their parent, and by the kernel. */
static void scene_burns_and_goes(void) {
    burn(5);
    signal(SIGCHLD, SIG_IGN);
    burn(5);
}

static void scene_orphan(void) {
    int ends[2];
    char c;
    if (pipe(ends) < 0)
        _exit(99);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            close(ends[1]);
            while (read(ends[0], &c, 1) > 0) /* until everybody else is gone */
                continue;
            _exit(0);
        }
        say("grandchild", grandchild);
        _exit(0);
    }
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_zombie(void) {
    int ends[2];
    char c;
    if (pipe(ends) < 0)
        _exit(99);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    say("child", pid);
    close(ends[1]); /* the child's copy closes with its end: then it is a zombie */
    if (read(ends[0], &c, 1) != 0)
        _exit(99);
}

static void scene_ignored(void) {
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    say("child", pid);
    if (wait(NULL) != -1) /* waits until there is none, and gets none */
        _exit(99);
}

static void scene_nowait(void) {
    pid_t pid = fork();
    siginfo_t info;
    if (pid == 0)
        _exit(4);
    say("child", pid);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    say("looked", info.si_status);
    waitid(P_ALL, 0, &info, WEXITED);
}

static void scene_stop(void) {
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(6);
    }
    say("child", pid);
    waitpid(pid, &status, WUNTRACED);
    say("stopped", WIFSTOPPED(status));
    kill(pid, SIGCONT);
    waitpid(pid, NULL, 0);
}

static void scene_signals(void) {
    int ends[2];
    char c;
    struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    if (pipe(ends) < 0)
        _exit(99);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        kill(parent, SIGUSR1);
        put(ends[1], "x");
        for (;;)
            pause();
    }
    say("child", pid);
    while (read(ends[0], &c, 1) < 0)
        continue;
    syscall(SYS_tgkill, pid, pid, SIGUSR2);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void scene_storm(void) {
    enum { PARENTS = 6, CHILDREN = 50 };
    for (int i = 0; i < PARENTS; i++) {
        if (fork())
            continue;
        for (int child = 0; child < CHILDREN; child++)
            if (fork() == 0)
                _exit(0);
        while (wait(NULL) > 0)
            continue;
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
    say("births", PARENTS * (1 + CHILDREN));
}

/* --- limits, CPUs --------------------------------------------------------------------------- */

static void scene_cpus(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    say("cpus", CPU_COUNT(&set));
}

static void scene_forks(void) {
    for (;;)
        if (fork() < 0)
            pause();
}

static void scene_output(void) {
    for (;;)
        puts("one more line");
}

static void scene_memory(void) {
    volatile char *block = malloc(64 << 20);
    for (size_t at = 0; at < 64 << 20; at += 4096)
        block[at] = 1;
    for (;;)
        pause();
}

/* --- waiting -------------------------------------------------------------------------------- */

static int ends[2];

static void wait_on_pipe(void) {
    char c;
    if (pipe(ends) == 0)
        (void)!read(ends[0], &c, 1);
}

static void scene_waits_pipe(void) {
    if (fork() == 0)
        wait_on_pipe();
    wait(NULL);
}

static void scene_waits_pair(void) {
    char c;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0)
        (void)!read(ends[fork() != 0], &c, 1);
}

static void scene_waits_mutex(void) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}

static void scene_waits_alarm(void) {
    alarm(1000);
    wait_on_pipe();
}

static void scene_waits_timerfd(void) {
    struct itimerspec long_time = {.it_value.tv_sec = 1000};
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(timer, 0, &long_time, NULL);
    struct pollfd ready = {timer, POLLIN, 0};
    poll(&ready, 1, -1);
}

static void scene_waits_poll(void) { poll(NULL, 0, 1000000); }

static void scene_waits_sleep(void) { sleep(1000); }

static void scene_spins(void) {
    for (volatile unsigned n = 0;; n++)
        continue;
}

static const struct scene scenes[] = {
    SCENE(fork),
    SCENE(killed),
    SCENE(segv),
    SCENE(vfork),
    SCENE(spawn),
    SCENE(threads),
    SCENE(thread_exec),
    SCENE(burns),
    SCENE(burns_and_goes),
    SCENE(orphan),
    SCENE(zombie),
    SCENE(ignored),
    SCENE(nowait),
    SCENE(stop),
    SCENE(signals),
    SCENE(storm),
    SCENE(cpus),
    SCENE(forks),
    SCENE(output),
    SCENE(memory),
    SCENE(waits_pipe),
    SCENE(waits_pair),
    SCENE(waits_mutex),
    SCENE(waits_alarm),
    SCENE(waits_timerfd),
    SCENE(waits_poll),
    SCENE(waits_sleep),
    SCENE(spins),
};

int main(int argc, char **argv) {
    return play_scene(scenes, sizeof scenes / sizeof scenes[0], argc, argv);
}
