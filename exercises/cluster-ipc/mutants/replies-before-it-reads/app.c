// Orders out, reports back, design "packets-spawn".
//
// The channel is a SOCK_SEQPACKET: a message is a packet, it goes whole and it comes whole, and
// nobody has to cut lines. A worker is this very program, started afresh by posix_spawn() with its
// end of the channel as standard input. The master hangs everything on one epoll: the channels,
// and for each worker a pidfd, a descriptor that stands for a process and becomes readable when
// that has ended. There is no signal handler and no race.
//
//     master ==packets== worker    x N

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PACKET = 512 };

extern char **environ;

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static void send_packet(int fd, const char *text) {
    while (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            return; // the other side is dead, and that is told elsewhere
}

// Returns the size, 0 at the end; the text ends with a NUL.
static ssize_t receive_packet(int fd, char *text) {
    for (;;) {
        ssize_t n = recv(fd, text, PACKET - 1, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return 0; // ECONNRESET: it died with an order unread
        text[n] = '\0';
        return n;
    }
}

// ---- Worker ---------------------------------------------------------------------------------

static int work(int channel) {
    char text[PACKET], reply[64];
    snprintf(reply, sizeof reply, "{\"reply\": \"Hello from worker %d\"}", getpid());
    send_packet(channel, reply);
    usleep(100 * 1000);
    while (receive_packet(channel, text) > 0) {
        json_t *order = json_loads(text, 0, NULL);
        if (json_is_string(json_object_get(order, "message"))) {
            printf("Worker %d received message from master: %s\n", getpid(), text);
            fflush(stdout);
        }
        json_decref(order);
    }
    return EXIT_SUCCESS;
}

// ---- Master ---------------------------------------------------------------------------------

struct worker {
    pid_t pid;
    int channel, pidfd;
};

static int loop;

static struct worker *start_worker(void) {
    int pair[2];
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pair[1], STDIN_FILENO);
    char *arguments[] = {"app", "worker", NULL};
    int code = posix_spawn(&worker->pid, "/proc/self/exe", &files, NULL, arguments, environ);
    if (code != 0) {
        errno = code;
        die("posix_spawn");
    }
    posix_spawn_file_actions_destroy(&files);
    close(pair[1]);
    worker->channel = pair[0];
    worker->pidfd = (int)syscall(SYS_pidfd_open, worker->pid, 0);
    if (worker->pidfd < 0)
        die("pidfd_open");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = worker};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, worker->channel, &event) < 0 ||
        epoll_ctl(loop, EPOLL_CTL_ADD, worker->pidfd, &event) < 0)
        die("epoll_ctl");
    send_packet(worker->channel, "{\"message\": \"Hello from master\"}");
    return worker;
}

static void hear(struct worker *worker) {
    char text[PACKET];
    if (receive_packet(worker->channel, text) > 0) {
        printf("Master received message from worker %d: %s\n", worker->pid, text);
        fflush(stdout);
    } else {
        close(worker->channel);
        worker->channel = -1;
    }
}

// What a descriptor has to say is asked of both, without waiting: one event stands for either.
static void look_at(struct worker *worker) {
    char byte;
    while (worker->channel >= 0 &&
           (recv(worker->channel, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno == ECONNRESET))
        hear(worker);
    siginfo_t info = {0};
    if (waitid(P_PIDFD, worker->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
        return;
    printf("Worker %d died\n", worker->pid);
    fflush(stdout);
    if (worker->channel >= 0)
        close(worker->channel);
    close(worker->pidfd);
    free(worker);
    start_worker();
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return work(STDIN_FILENO);
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0)
        die("epoll_create1");
    for (long i = sysconf(_SC_NPROCESSORS_ONLN); i > 0; i--)
        start_worker();
    for (;;) {
        struct epoll_event event; // one at a time: it may be the last of its worker
        int n = epoll_wait(loop, &event, 1, -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        if (n > 0)
            look_at(event.data.ptr);
    }
}
