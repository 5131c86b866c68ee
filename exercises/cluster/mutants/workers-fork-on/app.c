// One port, every core, design "prefork-wait".
//
// The master opens the listening socket and forks. Every worker inherits that socket and calls
// accept() on it: one queue, and the kernel gives each connection to one of those who wait. The
// master does nothing but wait for a death, report it, and fork again.
//
//     client --> [ listening socket ] --> accept() in any of the workers
//                 opened by the master     x N

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 8000,
    CLIENT_TIME_MS = 500, // one client at a time, so none may keep us for longer
    SHORT_LIFE_S = 1,     // who dies that young is not replaced in a hurry: no fork bomb
};

static int listener;

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

// A request may come in pieces. All we need of it is where it ends: at an empty line.
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

static void send_all(int client, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = send(client, bytes, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            bytes += n;
            size -= n;
        }
    }
}

_Noreturn static void work(void) {
    static const char answer[] = "HTTP/1.1 200 OK\r\n"
                                 "Content-Type: text/plain\r\n"
                                 "Content-Length: 14\r\n"
                                 "Connection: close\r\n\r\n"
                                 "Hello, Vizag!\n";
    struct timeval limit = {.tv_usec = CLIENT_TIME_MS * 1000};
    printf("Worker %d started\n", getpid());
    fflush(stdout);
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            if (errno != EINTR && errno != ECONNABORTED)
                die("accept");
            continue;
        }
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (read_request(client))
            send_all(client, answer, sizeof answer - 1);
        close(client);
    }
}

// ---- Master ---------------------------------------------------------------------------------

static time_t now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void start_worker(void) {
    pid_t pid;
    fflush(stdout); // or the child would get a copy of what is still in the buffer
    while ((pid = fork()) < 0) {
        perror("fork");
        usleep(100 * 1000); // no room for another process just now
    }
    if (pid == 0)
        work();
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
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    printf("Master %d is running\n", getpid());
    listen_on_port();
    pid_t master = getpid();
    fflush(stdout);
    for (long i = 0; i < cpus; i++)
        fork();
    if (getpid() != master)
        work();
    time_t last_s = now_s();
    for (;;) {
        pid_t dead = wait(NULL);
        if (dead < 0 && errno != EINTR)
            die("wait");
        if (dead < 0)
            continue;
        printf("Worker %d died\n", dead);
        if (now_s() - last_s < SHORT_LIFE_S)
            usleep(50 * 1000);
        last_s = now_s();
        start_worker();
    }
}
