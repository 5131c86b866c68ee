// One port, every core, design "reuseport-epoll".
//
// Each worker opens a listening socket of its own on the same port (SO_REUSEPORT), and the kernel
// spreads new connections over the sockets that are open: nobody has to be asked, and what is
// dead has no socket any more. A worker is an epoll loop that keeps connections alive and answers
// as many requests on each as its client likes to send. The master learns of deaths by a signalfd.
//
//     client --> kernel --> [ socket of worker 1 ]
//                       --> [ socket of worker 2 ]   x N

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 8000, MAX_FD = 512 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int open_door(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        die("socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0)
        die("port 8000");
    return fd;
}

// ---- Worker ---------------------------------------------------------------------------------

static const char body[] = "Hello, Vizag!\n";

struct client {
    char head[2048]; // of the request under way
    size_t used;
    char answer[256];
    size_t answer_size, sent;
    bool last; // close when the answer is out
};

static struct client *clients[MAX_FD]; // by descriptor
static int loop;

static void watch(int how, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(loop, how, fd, &event) < 0)
        die("epoll_ctl");
}

static void drop(int fd) {
    free(clients[fd]);
    clients[fd] = NULL;
    close(fd);
}

// The answer to the request whose head is there; what came behind it is the next one's beginning.
static void make_answer(struct client *client, size_t head_size) {
    char end = client->head[head_size];
    client->head[head_size] = '\0';
    client->last = strcasestr(client->head, "\nConnection: close") != NULL;
    client->head[head_size] = end;
    client->used -= head_size;
    memmove(client->head, client->head + head_size, client->used);
    client->sent = 0;
    client->answer_size = snprintf(client->answer, sizeof client->answer,
                                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                   "Content-Length: %zu\r\n%s\r\n%s",
                                   sizeof body - 1, client->last ? "Connection: close\r\n" : "",
                                   body);
}

// Sends what is left of the answer. Returns whether the client may go on with the next request.
static bool send_answer(int fd) {
    struct client *client = clients[fd];
    while (client->sent < client->answer_size) {
        ssize_t n = send(fd, client->answer + client->sent, client->answer_size - client->sent,
                         MSG_NOSIGNAL);
        if (n > 0) {
            client->sent += n;
        } else if (n < 0 && errno == EAGAIN) {
            watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
            return false;
        } else if (n < 0 && errno != EINTR) {
            drop(fd);
            return false;
        }
    }
    client->answer_size = client->sent = 0;
    if (client->last)
        drop(fd);
    return !client->last;
}

static void read_and_answer(int fd) {
    struct client *client = clients[fd];
    ssize_t n = recv(fd, client->head + client->used, sizeof client->head - 1 - client->used, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) { // gone, or a head too long for us
        drop(fd);
        return;
    }
    client->used += n;
    for (;;) {
        char *end = memmem(client->head, client->used, "\r\n\r\n", 4);
        if (!end)
            return;
        make_answer(client, end + 4 - client->head);
        if (client->last) { // send_answer frees it
            send_answer(fd);
            return;
        }
        if (!send_answer(fd))
            return;
    }
}

static void take_connections(int door) {
    int fd;
    while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_FD || !(clients[fd] = calloc(1, sizeof *clients[fd]))) {
            close(fd);
            continue;
        }
        watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
}

_Noreturn static void work(void) {
    int door = open_door();
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0)
        die("epoll_create1");
    watch(EPOLL_CTL_ADD, door, EPOLLIN);
    printf("Worker %d started\n", getpid());
    fflush(stdout);
    for (;;) {
        struct epoll_event events[16];
        int n = epoll_wait(loop, events, 16, -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == door) {
                take_connections(door);
            } else if (events[i].events & EPOLLOUT) {
                bool last = clients[fd]->last;
                if (send_answer(fd) && !last)
                    watch(EPOLL_CTL_MOD, fd, EPOLLIN);
            } else {
                read_and_answer(fd);
            }
        }
    }
}

// ---- Master ---------------------------------------------------------------------------------

static void start_worker(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL); // a blocked SIGCHLD is no business of the worker's
    work();
}

int main(void) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL); // from here on it waits until the descriptor is read
    int deaths = signalfd(-1, &child, SFD_CLOEXEC);
    if (deaths < 0)
        die("signalfd");
    printf("Master %d is running\n", getpid());
    for (long i = sysconf(_SC_NPROCESSORS_ONLN); i > 0; i--)
        start_worker();
    for (;;) {
        struct signalfd_siginfo told;
        if (read(deaths, &told, sizeof told) < 0 && errno != EINTR)
            die("read");
        printf("Worker %d died\n", told.ssi_pid);
        start_worker();
    }
}
