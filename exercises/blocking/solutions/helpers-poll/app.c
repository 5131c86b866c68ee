// Work in a child, design "helpers-poll".
//
// Two helper processes are there from the start and live as long as the server. Each has a
// socketpair to it: down it goes a number, back comes a number, in binary. What finds both busy
// waits in a queue. One poll() hears clients and helpers alike. Nobody is started for a request,
// and nobody dies; a helper that does die is waited for and replaced.
//
//     client --> server ==socketpair== helper    x 2

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
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

enum { HELPERS = 2, QUEUE = 128 };

struct job {
    int client;
    uint32_t number;
};

struct helper {
    pid_t pid;
    int channel;
    int client; // whose work it does, -1: none
};

static struct helper helpers[HELPERS];
static struct job queue[QUEUE];
static int queued;

static void start_helper(struct helper *helper) {
    int pair[2];
    uint32_t number;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(pair[0]);
        for (int i = 0; i < HELPERS; i++)
            if (helpers[i].pid > 0 && &helpers[i] != helper)
                close(helpers[i].channel);
        while (recv(pair[1], &number, sizeof number, 0) == sizeof number) {
            number = stretch(number);
            if (send(pair[1], &number, sizeof number, MSG_NOSIGNAL) < 0)
                break;
        }
        _exit(EXIT_SUCCESS); // the server is gone
    }
    close(pair[1]);
    *helper = (struct helper){.pid = pid, .channel = pair[0], .client = -1};
}

static void hand_out(void) {
    for (int i = 0; i < HELPERS && queued > 0; i++) {
        if (helpers[i].client >= 0)
            continue;
        send(helpers[i].channel, &queue[0].number, sizeof queue[0].number, MSG_NOSIGNAL);
        helpers[i].client = queue[0].client;
        memmove(queue, queue + 1, --queued * sizeof *queue);
    }
}

static void hear(struct helper *helper) {
    uint32_t result;
    ssize_t n = recv(helper->channel, &result, sizeof result, 0);
    if (n < 0 && errno == EINTR)
        return;
    if (helper->client >= 0) {
        if (n == sizeof result)
            answer_with(helper->client, result);
        close(helper->client);
        helper->client = -1;
    }
    if (n > 0)
        return;
    close(helper->channel); // it died
    waitpid(helper->pid, NULL, 0);
    helper->pid = 0;
    start_helper(helper);
}

static void serve_client(int client) {
    char head[4096];
    uint32_t number;
    bool known = read_request(client, head, sizeof head);
    if (known && wants_stretch(head, &number) && queued < QUEUE) {
        queue[queued++] = (struct job){client, number};
        return;
    }
    if (known && strncmp(head, "GET /stretch", 12) != 0)
        send_answer(client, "Hello, Vizag!\n");
    close(client);
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct timeval limit = {.tv_usec = 300 * 1000}; // one client must not keep us for long
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end

    for (int i = 0; i < HELPERS; i++)
        start_helper(&helpers[i]);
    for (;;) {
        struct pollfd fds[1 + HELPERS] = {{.fd = listener, .events = POLLIN}};
        for (int i = 0; i < HELPERS; i++)
            fds[1 + i] = (struct pollfd){.fd = helpers[i].channel, .events = POLLIN};
        if (poll(fds, 1 + HELPERS, -1) < 0) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        for (int i = 0; i < HELPERS; i++)
            if (fds[1 + i].revents)
                hear(&helpers[i]);
        hand_out();
        if (!fds[0].revents)
            continue;
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        serve_client(client);
        hand_out();
    }
}
