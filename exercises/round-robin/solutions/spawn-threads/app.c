// One door, dealt in turn, design "spawn-threads".
//
// The master starts this very program anew for each worker (posix_spawn), with the channel as its
// standard input. The channel is a SOCK_SEQPACKET: a packet for each connection. A worker is a
// plain blocking loop: receive a descriptor, give it to a thread of its own. Deaths come to the
// master as a signalfd, and everything it waits for hangs on one epoll. The workers stand in a
// ring; who has been dealt to goes to its end, and a newcomer enters there.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 8000 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

union one_descriptor { // room for one, aligned as the kernel wants it
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
};

// ---- Worker ---------------------------------------------------------------------------------

// Waits for the next descriptor. Returns -1 once the master is gone.
static int receive_descriptor(int channel) {
    for (;;) {
        union one_descriptor control;
        char byte;
        struct iovec note = {&byte, 1};
        struct msghdr message = {.msg_iov = &note,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        ssize_t n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (!header || header->cmsg_type != SCM_RIGHTS)
            continue;
        int fd;
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
        return fd;
    }
}

static bool read_request(FILE *in) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    do
        length = getline(&line, &room, in);
    while (length > 0 && line[0] != '\r' && line[0] != '\n');
    free(line);
    return length > 0;
}

static void *serve_client(void *argument) {
    int client = (int)(intptr_t)argument;
    FILE *in = fdopen(client, "r");
    if (!in)
        die("fdopen");
    if (read_request(in)) {
        char body[64];
        int size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid());
        dprintf(client, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                size, body);
    }
    fclose(in); // and the descriptor with it
    return NULL;
}

static int work(int channel) {
    int client;
    signal(SIGPIPE, SIG_IGN);
    while ((client = receive_descriptor(channel)) >= 0) {
        pthread_t thread;
        int code = pthread_create(&thread, NULL, serve_client, (void *)(intptr_t)client);
        if (code != 0) {
            errno = code;
            die("pthread_create");
        }
        pthread_detach(thread);
    }
    return EXIT_SUCCESS;
}

// ---- Master ---------------------------------------------------------------------------------

struct member {
    pid_t pid;
    int channel;
};

static struct member *ring; // ring[0] is the next to get a connection
static int ring_size, cpus;
static int listener, deaths, loop;

static bool send_descriptor(int channel, int fd) {
    union one_descriptor control = {0};
    struct iovec note = {"c", 1};
    struct msghdr message = {.msg_iov = &note,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ssize_t n;
    do
        n = sendmsg(channel, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

static void take_out(int at) {
    memmove(ring + at, ring + at + 1, (ring_size - at - 1) * sizeof *ring);
    ring_size--;
}

static void start_worker(void) {
    extern char **environ;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pair[1], STDIN_FILENO);
    posix_spawnattr_t attributes; // the master blocks SIGCHLD; its workers need not
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    pid_t pid;
    char *arguments[] = {"app", "worker", NULL};
    int code = posix_spawn(&pid, "/proc/self/exe", &files, &attributes, arguments, environ);
    if (code != 0) {
        errno = code;
        die("posix_spawn");
    }
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    close(pair[1]);
    ring[ring_size++] = (struct member){pid, pair[0]};
}

static void reap(void) {
    struct signalfd_siginfo told;
    if (read(deaths, &told, sizeof told) < 0 && errno != EAGAIN)
        die("read");
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) {
        for (int i = 0; i < ring_size; i++)
            if (ring[i].pid == dead) {
                close(ring[i].channel);
                take_out(i);
            }
        printf("Worker %d died\n", dead);
        fflush(stdout);
    }
    while (ring_size < cpus)
        start_worker();
}

static void deal(int client) {
    for (int tries = 0; tries < ring_size; tries++) {
        struct member member = ring[0];
        take_out(0);
        ring[ring_size++] = member;
        if (send_descriptor(member.channel, client))
            break; // a dead one takes nothing: the next, then
    }
    close(client);
}

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

static void open_door(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, SOMAXCONN) < 0)
        die("port 8000");
}

static void watch_for_deaths(void) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    deaths = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    if (deaths < 0)
        die("signalfd");
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return work(STDIN_FILENO);
    cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
    ring = calloc(cpus, sizeof *ring);
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (!ring || loop < 0)
        die("epoll_create1");
    open_door();
    watch_for_deaths();
    while (ring_size < cpus)
        start_worker();
    watch(listener);
    watch(deaths);
    for (;;) {
        struct epoll_event event; // one at a time: deaths and connections in the order they come
        int n = epoll_wait(loop, &event, 1, -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        if (n <= 0)
            continue;
        if (event.data.fd == deaths) {
            reap();
            continue;
        }
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            deal(client);
    }
}
