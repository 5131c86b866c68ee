// A cluster that is renewed at SIGHUP, design "blocking-sigsuspend".
//
// No loop that waits for many things. A worker serves one client at a time, with calls that block;
// SIGTERM is what tells it to go: the handler closes its copy of the listening socket, which ends
// an accept() that waits, or that is about to. A recv() that was interrupted is called again: that
// client is in hand. The master keeps SIGHUP and SIGCHLD blocked except in sigsuspend(), so its
// handlers need only set flags, and no signal falls into a gap.
//
// It renews its workers in turn: the new one is there before its predecessor is told to go.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 8000 };

static int listener; // the master's stays open as long as it lives

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

static volatile sig_atomic_t leaving;

static void on_term(int signal) {
    (void)signal;
    if (!leaving)
        close(listener); // async-signal-safe
    leaving = 1;
}

// Reads until the empty line that ends a request. One recv() may bring all of it, or a part.
static bool read_request(int client) {
    int newlines = 0; // line ends in a row
    while (newlines < 2) {
        char bytes[4096];
        ssize_t n = recv(client, bytes, sizeof bytes, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false; // hung up, or silent for too long
        for (ssize_t i = 0; i < n && newlines < 2; i++) {
            if (bytes[i] == '\n')
                newlines++;
            else if (bytes[i] != '\r')
                newlines = 0;
        }
    }
    return true;
}

// So short an answer fits into the empty send buffer of a connection, so one send() takes it.
static void send_answer(int client) {
    char body[64], answer[256];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid());
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: %d\r\n"
                        "Connection: close\r\n\r\n%s",
                        body_size, body);
    if (send(client, answer, size, MSG_NOSIGNAL) != size)
        perror("send");
}

static void serve_client(int client) {
    struct timeval limit = {.tv_sec = 5}; // one client must not keep us for ever
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (read_request(client))
        send_answer(client);
    close(client);
}

_Noreturn static void work(void) {
    while (!leaving) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0) // also when the order came right after: whom we have let in, we serve
            serve_client(client);
    }
    exit(EXIT_SUCCESS);
}

// ---- Master ---------------------------------------------------------------------------------

static volatile sig_atomic_t hup, child_died;
static pid_t *workers; // of the set that serves; those told to go are only waited for
static long worker_count;
static sigset_t before;

static void on_signal(int signal) {
    if (signal == SIGHUP)
        hup = 1;
    else
        child_died = 1;
}

static pid_t start_worker(void) {
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return pid;
    // SIGHUP, sent to a whole session when its terminal goes, is no business of ours.
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    work();
}

static void reap(void) {
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0)
        for (long i = 0; i < worker_count; i++)
            if (workers[i] == dead)
                workers[i] = start_worker();
}

static void reload(void) {
    for (long i = 0; i < worker_count; i++) {
        pid_t old = workers[i];
        workers[i] = start_worker();
        kill(old, SIGTERM);
    }
}

static void listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
}

int main(void) {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGHUP);
    sigaddset(&held, SIGCHLD);
    sigaddset(&held, SIGTERM); // a worker is deaf to it until its handler is there
    sigprocmask(SIG_BLOCK, &held, &before);
    sigaction(SIGHUP, &(struct sigaction){.sa_handler = on_signal}, NULL);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_signal}, NULL);
    worker_count = sysconf(_SC_NPROCESSORS_ONLN);
    workers = calloc(worker_count, sizeof *workers);
    if (!workers)
        die("calloc");
    listen_on_port();
    printf("Master %d is running\n", getpid());
    fflush(stdout); // or each child would get a copy of what is still in the buffer
    for (long i = 0; i < worker_count; i++)
        workers[i] = start_worker();
    for (;;) {
        sigsuspend(&before);
        if (child_died) {
            child_died = 0;
            reap();
        }
        if (hup) {
            hup = 0;
            reload();
        }
    }
}
