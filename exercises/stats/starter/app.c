// The counting cluster: one port, a worker for each CPU, and a report from each of them every
// five seconds. This much works already: the master opens port 8000 and forks the workers, and
// every worker answers. Compile it, start it, ask it a few times with curl. Then look for the
// four places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h> // for the messages: json_pack, json_dumps, json_loads, json_unpack
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

// Returns true once the whole answer is out. One send() may take all of it, or a part.
static bool send_answer(int client) {
    char body[64], answer[256];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid());
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: %d\r\n"
                        "Connection: close\r\n\r\n%s",
                        body_size, body);
    for (int sent = 0; sent < size;) {
        ssize_t n = send(client, answer + sent, size - sent, 0);
        if (n < 0 && errno != EINTR)
            return false;
        sent += n > 0 ? (int)n : 0;
    }
    return true;
}

static void serve_client(int listener) {
    struct timeval limit = {.tv_usec = 300 * 1000}; // one client must not keep us for long
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0)
        return; // another worker was faster
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (read_request(client) && send_answer(client)) {
        // Your part 1: one more request is answered. Count it.
    }
    close(client);
}

_Noreturn static void work(int listener) {
    for (;;) {
        // Your part 2: every 5 seconds, send {"pid": ..., "count": ...} and a newline to the
        // master. Nobody calls you when it is time: -1 lets poll() wait for ever, if need be.
        // How long may it wait?
        struct pollfd door = {.fd = listener, .events = POLLIN};
        if (poll(&door, 1, -1) > 0)
            serve_client(listener);
    }
}

// ---- Master ---------------------------------------------------------------------------------

static pid_t start_worker(int listener) {
    // Your part 3: a worker needs a way to the master. Make it before the fork, so that both
    // have it afterwards; then let each of them close the end that it does not use.
    fflush(stdout); // or the child would get a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        work(listener); // the child never comes back from here
    return pid;
}

// Non-blocking: poll() wakes every worker for a connection, one of them gets it, and the others
// must not get stuck in accept4().
static int listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end
    printf("Master %d is running\n", getpid());
    for (long i = 0; i < cpus; i++)
        printf("Worker %d started\n", start_worker(listener));

    // Your part 4: all the master does for now is to wait until its workers are dead. It should
    //  - print "Stats from worker <pid>: { pid: <pid>, count: <count> }" for each report,
    //  - start a new worker at once when one has died,
    // whichever of the two comes first, and with all workers at the same time.
    while (wait(NULL) > 0 || errno == EINTR)
        ;
}
