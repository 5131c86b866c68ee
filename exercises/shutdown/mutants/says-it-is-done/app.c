// A mutant: it prints what should happen.

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

enum { PORT = 8000, MAX_WORKERS = 256 };

static int listener;
static volatile sig_atomic_t closing;
static pid_t workers[MAX_WORKERS]; // 0: nobody; a worker's own table is empty

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static void on_term(int signal) {
    (void)signal;
    int saved = errno;
    static const char text[] = "Door closed, all requests finished, all workers ended: code 0\n";
    if (write(STDOUT_FILENO, text, sizeof text - 1) < 0 || !closing)
        closing = 1;
    errno = saved;
}

// ---- Worker ---------------------------------------------------------------------------------

// Reads until the empty line that ends a request. One recv() may bring all of it, or a part.
static bool read_request(int client) {
    int newlines = 0; // line ends in a row
    while (newlines < 2) {
        char bytes[4096];
        ssize_t n = recv(client, bytes, sizeof bytes, 0);
        if (n < 0 && errno == EINTR)
            continue; // the house closes, this client is served all the same
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
    while (!closing) {
        // Closed by the handler just before this call, it is EBADF; in the middle of it, EINTR.
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            serve_client(client);
    }
    exit(EXIT_SUCCESS);
}

// ---- Master ---------------------------------------------------------------------------------

static void start_worker(int at) {
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &before); // the handler must find the table whole
    if (!closing) {
        pid_t pid = fork();
        if (pid < 0)
            die("fork");
        if (pid == 0) {
            for (int i = 0; i < MAX_WORKERS; i++)
                workers[i] = 0;
            sigprocmask(SIG_SETMASK, &before, NULL);
            work();
        }
        workers[at] = pid;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void replace(pid_t dead) {
    for (int i = 0; i < MAX_WORKERS; i++)
        if (workers[i] == dead) {
            workers[i] = 0;
            start_worker(i);
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
    listen_on_port();
    printf("Master %d is running\n", getpid());
    fflush(stdout); // or each child would get a copy of what is still in the buffer
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    for (int i = 0; i < cpus && i < MAX_WORKERS; i++)
        start_worker(i);
    for (;;) { // the handler has done all there is to do: here we only count the dead
        pid_t dead = wait(NULL);
        if (dead > 0)
            replace(dead);
        else if (errno == ECHILD)
            return closing ? EXIT_SUCCESS : EXIT_FAILURE;
    }
}
