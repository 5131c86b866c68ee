// A mutant: new PIDs in the answers, and nothing else is new.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 8000,
    PATIENCE_MS = 10000, // for a client that asks slowly, or nothing
    MAX_CLIENTS = 128,
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- Worker ---------------------------------------------------------------------------------

enum { ORDERS, DOOR, FIRST_CLIENT, ROWS = FIRST_CLIENT + MAX_CLIENTS };

struct client {
    char request[2048]; // what has come of it
    size_t used;
    int answers;
    int64_t leave_at_ms;
};

static int *lie; // shared by all: added to each PID
static struct pollfd table[ROWS];
static struct client clients[ROWS]; // of the same row
static int rows = FIRST_CLIENT;
static bool closing;

static void drop_client(int row) {
    close(table[row].fd);
    rows--;
    table[row] = table[rows];
    clients[row] = clients[rows];
}

// A client that has had an answer, and has not begun to ask again.
static bool is_idle(const struct client *client) { return client->answers > 0 && !client->used; }

static void take_client(void) {
    int fd = accept4(table[DOOR].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return; // another worker was faster
    table[rows] = (struct pollfd){.fd = fd, .events = POLLIN};
    clients[rows].used = 0;
    clients[rows].answers = 0;
    clients[rows].leave_at_ms = now_ms() + PATIENCE_MS;
    rows++;
}

// Returns whether the connection goes on. So short an answer fits into the send buffer.
static bool answer(int row) {
    struct client *client = &clients[row];
    bool stays = !closing && !strcasestr(client->request, "connection: close");
    char body[64], text[256];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid() + *lie);
    int size = snprintf(text, sizeof text,
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: %d\r\n"
                        "Connection: %s\r\n\r\n%s",
                        body_size, stays ? "keep-alive" : "close", body);
    if (send(table[row].fd, text, size, MSG_NOSIGNAL) != size)
        return false;
    client->answers++;
    client->leave_at_ms = now_ms() + PATIENCE_MS;
    return stays;
}

// A request may come in pieces, and several may come in one.
static void read_client(int row) {
    struct client *client = &clients[row];
    size_t room = sizeof client->request - 1 - client->used;
    ssize_t n = recv(table[row].fd, client->request + client->used, room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->used += n > 0 ? n : 0;
    client->request[client->used] = '\0';
    char *end;
    while (n > 0 && (end = strstr(client->request, "\r\n\r\n"))) {
        if (!answer(row)) {
            n = 0;
            break;
        }
        client->used -= end + 4 - client->request;
        memmove(client->request, end + 4, client->used + 1);
    }
    if (n <= 0)
        drop_client(row);
}

static void stop_taking(void) {
    closing = true;
    close(table[DOOR].fd);
    table[DOOR].fd = -1;
    table[ORDERS].fd = -1; // it would go on saying that it is at its end
    for (int row = rows - 1; row >= FIRST_CLIENT; row--)
        if (is_idle(&clients[row]))
            drop_client(row);
}

static void send_sleepers_away(void) {
    for (int row = rows - 1; row >= FIRST_CLIENT; row--)
        if (clients[row].leave_at_ms <= now_ms())
            drop_client(row);
}

_Noreturn static void work(int orders, int listener) {
    table[ORDERS] = (struct pollfd){.fd = orders, .events = POLLIN};
    table[DOOR] = (struct pollfd){.fd = listener};
    while (!closing || rows > FIRST_CLIENT) {
        table[DOOR].events = rows < ROWS ? POLLIN : 0;
        int clients_now = rows;
        if (poll(table, rows, rows > FIRST_CLIENT ? 1000 : -1) < 0 && errno != EINTR)
            die("poll");
        for (int row = clients_now - 1; row >= FIRST_CLIENT; row--)
            if (table[row].revents)
                read_client(row);
        if (table[DOOR].fd >= 0 && table[DOOR].revents)
            take_client();
        if (table[ORDERS].fd >= 0 && table[ORDERS].revents)
            stop_taking();
        send_sleepers_away();
    }
    exit(EXIT_SUCCESS);
}

// ---- Master ---------------------------------------------------------------------------------

enum { MAX_WORKERS = 512 }; // of several sets: reloads may come faster than old workers end

struct slot {
    pid_t pid; // 0: nobody
    int orders; // our end of the pipe; -1: told to go
};

static struct slot slots[MAX_WORKERS];
static int wanted; // workers in a set
static int listener;
static sigset_t watched, before;

static struct slot *free_slot(void) {
    for (int i = 0; i < MAX_WORKERS; i++)
        if (!slots[i].pid)
            return &slots[i];
    return NULL;
}

static void start_worker(void) {
    struct slot *slot = free_slot();
    int ends[2];
    if (!slot || pipe2(ends, O_CLOEXEC) < 0)
        die("no room for a worker");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        // Copies of the writing ends would keep the other workers' pipes, and our own, from
        // ever being at their end.
        close(ends[1]);
        for (int i = 0; i < MAX_WORKERS; i++)
            if (slots[i].pid && slots[i].orders >= 0)
                close(slots[i].orders);
        sigprocmask(SIG_SETMASK, &before, NULL);
        work(ends[0], listener);
    }
    close(ends[0]);
    *slot = (struct slot){.pid = pid, .orders = ends[1]};
}

static void reap(void) {
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) // one signal may stand for several deaths
        for (int i = 0; i < MAX_WORKERS; i++)
            if (slots[i].pid == dead) {
                bool unexpected = slots[i].orders >= 0;
                if (unexpected)
                    close(slots[i].orders);
                slots[i].pid = 0;
                if (unexpected)
                    start_worker();
            }
}

static void reload(void) {
    *lie += wanted;
    printf("%d new workers in, %d old ones out\n", wanted, wanted);
    fflush(stdout);
}

static int listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(fd, SOMAXCONN) < 0)
        die("listen");
    return fd;
}

int main(void) {
    wanted = (int)sysconf(_SC_NPROCESSORS_ONLN);
    lie = mmap(NULL, sizeof *lie, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lie == MAP_FAILED)
        die("mmap");
    sigemptyset(&watched);
    sigaddset(&watched, SIGHUP);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched, &before);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC);
    if (signals < 0)
        die("signalfd");
    listener = listen_on_port();
    printf("Master %d is running\n", getpid());
    fflush(stdout);
    for (int i = 0; i < wanted; i++)
        start_worker();
    for (;;) {
        struct signalfd_siginfo news;
        if (read(signals, &news, sizeof news) != sizeof news)
            die("read");
        if (news.ssi_signo == SIGHUP)
            reload();
        else
            reap();
    }
}
