// A cluster that is to be renewed while it serves. This much works already: the master opens port
// 8000 and forks the workers, every worker answers, and dead workers are replaced. But at SIGHUP
// the master dies where it stands, and leaves its workers orphaned. Compile it, start it, watch it:
//
//     $ curl localhost:8000; kill -HUP <pid of the master>; sleep 1; pgrep app
//
// Then look for the four places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 8000 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

// Reads until the empty line that ends a request. One recv() may bring all of it, or a part.
static bool read_request(int client) {
    int newlines = 0; // line ends in a row
    while (newlines < 2) {
        char bytes[4096];
        ssize_t n = recv(client, bytes, sizeof bytes, 0);
        // Your part 1: a signal may interrupt this recv(). What is in hand is finished all the
        // same: the client is waiting.
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

_Noreturn static void work(int listener) {
    for (;;) {
        // Your part 2: how does an old worker learn that it is to go? It waits here for a client
        // most of the time, or it sits in recv() with one. Whomever it has let in, it serves; then
        // it ends, and leaves the rest of the queue to the new workers.
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            serve_client(client);
    }
}

// ---- Master ---------------------------------------------------------------------------------

static pid_t start_worker(int listener) {
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        work(listener); // the child never comes back from here
    return pid;
}

static int listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
    return listener;
}

int main(void) {
    int listener = listen_on_port();
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    printf("Master %d is running\n", getpid());
    fflush(stdout); // or each child would get a copy of what is still in the buffer
    // Your part 3: let SIGHUP come to you in a way that wakes the wait below and does not end you.
    // And keep a table: which workers are there, and which of them have been told to go?
    for (long i = 0; i < cpus; i++)
        start_worker(listener);

    // Your part 4: when SIGHUP has come, start a new set of workers, and only then tell each of the
    // old ones to go. A worker that was told to go is not replaced when it ends; any other is.
    while (wait(NULL) > 0 || errno == EINTR)
        start_worker(listener);
}
