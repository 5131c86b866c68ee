// One door, dealt in turn: the master accepts each connection and passes it to the worker whose
// turn it is. This much works already: the master opens port 8000, forks the workers, and each
// worker accepts and answers by itself, whoever is the quickest. Compile it, start it, ask it a
// few times with curl. Then look for the four places that say "Your part".

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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

// ---- Descriptors through a socket -----------------------------------------------------------

// Your part 1: two functions, one that sends an open descriptor over a unix socket and one that
// receives it at the other end. man 3 cmsg has an example of the first.

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
    struct timeval limit = {.tv_sec = 1}; // one client must not keep us for long
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (read_request(client))
        send_answer(client);
    close(client);
}

_Noreturn static void work(int listener) {
    for (;;) {
        // Your part 2: the worker no longer takes connections from the door. It receives them,
        // as descriptors, from the master, and ends when the master is gone.
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            serve_client(client);
    }
}

// ---- Master ---------------------------------------------------------------------------------

static pid_t start_worker(int listener) {
    // Your part 3: a worker needs a channel from the master, made before the fork. Which ends,
    // and what else that it was born with, should the child close?
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
    for (long i = 0; i < cpus; i++)
        start_worker(listener);

    // Your part 4: all the master does for now is to wait until its workers are dead. It should
    //  - accept connections, and pass each to the next worker in turn,
    //  - start a new worker at once when one has died, and let it have its turn,
    // whichever of the two comes first.
    while (wait(NULL) > 0 || errno == EINTR)
        ;
}
