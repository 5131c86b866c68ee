// One port, every core. This much works already: one process opens port 8000 and answers. Compile
// it, start it, ask it with curl, look at it with ps. Then make it a master with a worker for
// each core: look for the three places that say "Your part".

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
#include <unistd.h>

enum { PORT = 8000 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Serving --------------------------------------------------------------------------------

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

// One send() may take all of it, or a part.
static void send_answer(int client) {
    const char *rest = "HTTP/1.1 200 OK\r\n"
                       "Content-Type: text/plain\r\n"
                       "Content-Length: 14\r\n"
                       "Connection: close\r\n\r\n"
                       "Hello, Vizag!\n";
    while (*rest) {
        ssize_t n = send(client, rest, strlen(rest), 0);
        if (n < 0 && errno != EINTR)
            return;
        rest += n > 0 ? n : 0;
    }
}

_Noreturn static void serve(int listener) {
    struct timeval limit = {.tv_usec = 300 * 1000}; // one client must not keep us for long
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (read_request(client))
            send_answer(client);
        close(client);
    }
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

// ---- Master ---------------------------------------------------------------------------------

int main(void) {
    int listener = listen_on_port();
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end
    printf("Master %d is running\n", getpid());

    // Your part 1: one worker per CPU. sysconf() says how many there are. A child process begins
    // with a copy of all descriptors, the listener among them; let it print
    // "Worker <pid> started" and then serve.

    // Your part 2: the master's job is to wait for its workers, not to serve. When one is dead,
    // print "Worker <pid> died".

    // Your part 3: put another in its place, at once.
    serve(listener);
}
