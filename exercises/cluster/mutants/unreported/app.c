// One port, every core, design "dealer-threads".
//
// The master alone accepts, and deals the connections to its workers in turn: a descriptor travels
// over a SOCK_SEQPACKET (SCM_RIGHTS). A worker is this very program, started afresh by
// posix_spawn(), with its end of the channel as standard input; it gives each connection to a
// thread. A SIGCHLD handler wakes the master through a pipe to itself. The master announces its
// workers, since it knows their PIDs first.
//
//     client --> accept() in the master ==descriptor==> worker: a thread answers

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void *serve_client(void *argument) {
    int client = (int)(intptr_t)argument;
    FILE *in = fdopen(client, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    if (!in)
        die("fdopen");
    do // up to the empty line that ends the request
        length = getline(&line, &room, in);
    while (length > 0 && line[0] != '\r' && line[0] != '\n');
    if (length > 0) // no length told: the end of the connection is the end of the answer
        dprintf(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello, Vizag!\n");
    free(line);
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
    int channel; // -1: it is dead
};

static struct member *crew;
static int crew_size, next;
static int wakeup[2]; // written by the handler, read by the loop

static void on_child_died(int signal_number) {
    (void)signal_number;
    int saved = errno;
    ssize_t ignored = write(wakeup[1], "", 1);
    (void)ignored;
    errno = saved;
}

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

static void start_worker(struct member *member) {
    extern char **environ;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pair[1], STDIN_FILENO);
    char *arguments[] = {"app", "worker", NULL};
    int code = posix_spawn(&member->pid, "/proc/self/exe", &files, NULL, arguments, environ);
    if (code != 0) {
        errno = code;
        die("posix_spawn");
    }
    posix_spawn_file_actions_destroy(&files);
    close(pair[1]);
    member->channel = pair[0];
    printf("Worker %d started\n", member->pid);
    fflush(stdout);
}

static void deal(int client) {
    for (int tries = 0; tries < crew_size; tries++) {
        int channel = crew[next].channel;
        next = (next + 1) % crew_size;
        if (channel >= 0 && send_descriptor(channel, client))
            break; // a dead one takes nothing: the next, then
    }
    close(client); // our copy; the worker has its own
}

static void bury_and_replace(void) {
    char bytes[64];
    while (read(wakeup[0], bytes, sizeof bytes) > 0)
        ; // empty before the question, so that no death goes unnoticed
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) {
        for (int i = 0; i < crew_size; i++) {
            if (crew[i].pid != dead)
                continue;
            close(crew[i].channel);
            crew[i].channel = -1;
            start_worker(&crew[i]);
        }
    }
}

static int open_door(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0)
        die("port 8000");
    return fd;
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return work(STDIN_FILENO);
    struct sigaction action = {.sa_handler = on_child_died, .sa_flags = SA_NOCLDSTOP};
    if (pipe2(wakeup, O_NONBLOCK | O_CLOEXEC) < 0 || sigaction(SIGCHLD, &action, NULL) < 0)
        die("SIGCHLD");
    printf("Master %d is running\n", getpid());
    fflush(stdout);
    crew_size = (int)sysconf(_SC_NPROCESSORS_ONLN);
    crew = calloc(crew_size, sizeof *crew);
    if (!crew)
        die("calloc");
    int door = open_door();
    for (int i = 0; i < crew_size; i++)
        start_worker(&crew[i]);
    struct pollfd fds[2] = {{.fd = door, .events = POLLIN}, {.fd = wakeup[0], .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        if (fds[1].revents)
            bury_and_replace();
        int client = fds[0].revents ? accept4(door, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (client >= 0)
            deal(client);
    }
}
