// Work in a child, design "fork-answers".
//
// A process for each piece of heavy work. The child is a copy of the server and holds the client's
// connection, too: it works, answers the client itself, and is gone. The server closes its copy
// and goes on at once. SIGCHLD says when a child is done; its handler takes the zombies away.
//
//     client --> server --fork()--> child: stretches, answers the client, ends

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 8000, ROUNDS = 80 * 1000 * 1000 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// The heavy work. Leave it as it is: each round needs the result of the one before.
static uint32_t stretch(uint32_t number) {
    for (int round = 0; round < ROUNDS; round++)
        number = number * 1664525u + 1013904223u;
    return number;
}

// ---- Requests and answers -------------------------------------------------------------------

// Reads a request into `head`, up to the empty line that ends it. One recv() may bring a part.
static bool read_request(int client, char *head, size_t room) {
    size_t used = 0;
    head[0] = '\0';
    while (!strstr(head, "\r\n\r\n")) {
        ssize_t n = recv(client, head + used, room - 1 - used, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false; // hung up, silent for too long, or too long for us
        used += n;
        head[used] = '\0';
    }
    return true;
}

// Whether the request is for /stretch, and which number is asked for: the low 32 bits of n.
static bool wants_stretch(const char *head, uint32_t *number) {
    const char *path = "GET /stretch?n=";
    if (strncmp(head, path, strlen(path)) != 0)
        return false;
    *number = (uint32_t)strtoull(head + strlen(path), NULL, 16);
    return true;
}

static void send_answer(int client, const char *body) {
    char answer[256];
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: %zu\r\n"
                        "Connection: close\r\n\r\n%s",
                        strlen(body), body);
    for (int sent = 0; sent < size;) { // one send() may take a part
        ssize_t n = send(client, answer + sent, size - sent, 0);
        if (n < 0 && errno != EINTR)
            return;
        sent += n > 0 ? (int)n : 0;
    }
}

static void answer_with(int client, uint32_t result) {
    char body[32];
    snprintf(body, sizeof body, "%u\n", result);
    send_answer(client, body);
}

// ---- The server -----------------------------------------------------------------------------

static int listener;

// waitpid() is safe in a handler. One signal may stand for several children.
static void on_child_done(int signal_number) {
    (void)signal_number;
    int saved = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = saved;
}

static void serve_client(int client) {
    char head[4096];
    uint32_t number;
    if (!read_request(client, head, sizeof head))
        return;
    if (!wants_stretch(head, &number)) {
        send_answer(client, "Hello, Vizag!\n");
        return;
    }
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork"); // the client sees its connection end
    } else if (pid == 0) {
        answer_with(client, stretch(number));
    }
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct timeval limit = {.tv_usec = 300 * 1000}; // one client must not keep us for long
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
    struct sigaction action = {.sa_handler = on_child_done, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end

    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        serve_client(client);
        close(client);
    }
}
