/* Scenes in which calls fail, or do less than they were asked to. See scenes.h. */
#include "scenes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int ends[2];

static void open_ends(void) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        _exit(99);
}

/* Reads until a newline has come. */
static void scene_read(void) {
    char bytes[64];
    long reads = 0, interrupted = 0, again = 0;
    open_ends();
    pid_t pid = fork();
    if (pid == 0) {
        while (write(ends[1], "{\"n\":1}\n", 8) < 0)
            continue;
        _exit(0);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        interrupted++;
    for (size_t got = 0; got == 0 || bytes[got - 1] != '\n';) {
        ssize_t count = read(ends[0], bytes + got, sizeof bytes - got);
        reads += count > 0;
        interrupted += count < 0 && errno == EINTR;
        again += count < 0 && errno == EAGAIN;
        got += count > 0 ? (size_t)count : 0;
    }
    say("reads", reads);
    say("interrupted", interrupted);
    say("again", again);
}

static void scene_write(void) {
    static const char text[] = "{\"n\":1}\n";
    long writes = 0;
    open_ends();
    pid_t pid = reader(ends[0], ends[1], sizeof text - 1, 100);
    for (size_t put = 0; put < sizeof text - 1; writes++) {
        ssize_t count = write(ends[1], text + put, sizeof text - 1 - put);
        if (count <= 0)
            _exit(99);
        put += (size_t)count;
    }
    say("writes", writes);
    waitpid(pid, NULL, 0);
}

static void scene_fork(void) {
    pid_t pid = fork();
    say("errno", pid < 0 ? errno : 0);
    pid = fork();
    if (pid == 0)
        _exit(0);
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_late_fork(void) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_late_vfork(void) { /* its parent must not wait in vfork meanwhile */
    pid_t pid = vfork();
    if (pid == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    say("child", pid);
    waitpid(pid, NULL, 0);
}

static void scene_late_told(void) {
    char byte;
    open_ends();
    pid_t pid = fork();
    if (pid == 0)
        _exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
    say("child", pid);
    put(ends[1], "x");
    waitpid(pid, NULL, 0);
}

/* Two messages, the second some time after the first. */
static void scene_two_messages(void) {
    char bytes[64];
    open_ends();
    pid_t pid = fork();
    if (pid == 0) {
        put(ends[1], "{\"n\":1}\n");
        for (int i = 0; i < 100000; i++) /* long enough for the first to be read */
            getppid();
        put(ends[1], "{\"n\":2}\n");
        _exit(0);
    }
    say("got", (long)read(ends[0], bytes, sizeof bytes));
    waitpid(pid, NULL, 0);
}

static void scene_question(void) { /* no second message before the first is answered */
    char bytes[64];
    open_ends();
    pid_t pid = fork();
    if (pid == 0) {
        put(ends[1], "{\"n\":1}\n");
        if (read(ends[1], bytes, sizeof bytes) <= 0)
            _exit(99);
        _exit(0);
    }
    say("got", (long)read(ends[0], bytes, sizeof bytes));
    put(ends[0], "{\"n\":2}\n");
    waitpid(pid, NULL, 0);
}

/* The reader has had one message; another comes after a while, or when it is asked for, and then `second` happens. */
static void read_twice(void (*second)(void), bool asks) {
    char bytes[64];
    open_ends();
    pid_t pid = fork();
    if (pid == 0) {
        put(ends[1], "{\"n\":0}\n");
        sleep(1);
        if (asks && read(ends[1], bytes, sizeof bytes) <= 0)
            _exit(99);
        put(ends[1], "{\"n\":1}\n");
        sleep(5);
        second();
        _exit(0);
    }
    say("first", (long)read(ends[0], bytes, sizeof bytes));
    if (asks) {
        sleep(2);
        put(ends[0], "{\"n\":9}\n");
    }
    say("got", (long)read(ends[0], bytes, sizeof bytes));
    waitpid(pid, NULL, 0);
}

static void put_second(void) { put(ends[1], "{\"n\":2}\n"); }
static void put_nothing(void) { sleep(100); }

static void scene_two_reports(void) { read_twice(put_second, false); }
static void scene_one_report(void) { read_twice(put_nothing, false); }
static void scene_asked_for(void) { read_twice(put_nothing, true); }

static void scene_poll_for_ever(void) {
    long interrupted = 0;
    open_ends();
    pid_t pid = fork();
    if (pid == 0) {
        sleep(1);
        put(ends[1], "{\"n\":1}\n");
        _exit(0);
    }
    struct pollfd ready = {.fd = ends[0], .events = POLLIN};
    while (poll(&ready, 1, -1) < 0 && errno == EINTR)
        interrupted++;
    say("interrupted", interrupted);
    waitpid(pid, NULL, 0);
}

static void scene_to_itself(void) { /* what a signal handler does, say */
    long value = 0;
    int ends_of_pipe[2];
    if (pipe(ends_of_pipe) || write(ends_of_pipe[1], &value, sizeof value) < 0)
        _exit(99);
    say("got", (long)read(ends_of_pipe[0], &value, sizeof value));
}

static void scene_edge(void) { /* only arrivals are told, and a short read means: that was all */
    char bytes[64];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int set = epoll_create1(0);
    long got = 0;
    open_ends();
    epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event);
    pid_t pid = fork();
    if (pid == 0) {
        put(ends[1], "{\"n\":1}\n");
        _exit(0);
    }
    if (epoll_wait(set, &event, 1, -1) == 1)
        got = (long)read(ends[0], bytes, sizeof bytes);
    say("got", got);
    waitpid(pid, NULL, 0);
}

static void scene_hung_up(void) { /* the writer has gone, and a short read means: that was all */
    char bytes[64];
    open_ends();
    pid_t pid = fork();
    if (pid == 0) {
        put(ends[1], "{\"n\":1}\n");
        _exit(0);
    }
    close(ends[1]);
    waitpid(pid, NULL, 0);
    say("got", (long)read(ends[0], bytes, sizeof bytes));
}

static void asleep(pid_t pid) {
    int status;
    say("child", pid);
    waitpid(pid, &status, 0);
    say("code", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void scene_asleep_in_pause(void) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    asleep(pid);
}

static void scene_asleep_in_sleep(void) {
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            sleep(1000);
    asleep(pid);
}

static void scene_asleep_in_epoll(void) {
    pid_t pid = fork();
    if (pid == 0) {
        struct epoll_event event;
        int set = epoll_create1(0);
        for (;;)
            epoll_wait(set, &event, 1, -1);
    }
    asleep(pid);
}

static void scene_computing(void) {
    pid_t pid = fork();
    if (pid == 0)
        for (volatile long i = 0;; i = i + 1)
            if (i % 10000000 == 0)
                getppid();
    asleep(pid);
}

static void scene_accept(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), status;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    if (bind(listener, (struct sockaddr *)&here, size) || listen(listener, 4) ||
        getsockname(listener, (struct sockaddr *)&here, &size))
        _exit(99);
    pid_t pid = fork();
    if (pid == 0) {
        accept(listener, NULL, NULL);
        _exit(0);
    }
    say("child", pid);
    connect(client, (struct sockaddr *)&here, size);
    waitpid(pid, &status, 0);
    say("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static const struct scene scenes[] = {
    SCENE(read),           SCENE(write),           SCENE(fork),
    SCENE(late_fork),
    SCENE(late_vfork),
    SCENE(late_told),
    SCENE(two_messages),   SCENE(question),        SCENE(asleep_in_pause),
    SCENE(asleep_in_sleep), SCENE(asleep_in_epoll), SCENE(computing),
    SCENE(accept),         SCENE(two_reports),     SCENE(one_report), SCENE(asked_for),
    SCENE(to_itself),      SCENE(edge),            SCENE(hung_up),
    SCENE(poll_for_ever),
};

int main(int argc, char **argv) {
    return play_scene(scenes, sizeof scenes / sizeof scenes[0], argc, argv);
}
