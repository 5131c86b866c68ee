// Work in a child, design "spawn-epoll".
//
// For each piece of heavy work this very program is started afresh (posix_spawn), with the number
// as its argument and a pipe as its standard output, as one would start any other program. One
// epoll waits for clients and for results alike. At the end of a pipe its child is as good as
// dead, so that waiting for it takes no time.
//
//     client --> server --posix_spawn()--> app <number>
//                server <-----pipe-------- "<result>\n"

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
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

// ---- The server -----------------------------------------------------------------------------

struct job { // the listener is the job without a child
    int fd;  // of the pipe
    int client;
    pid_t pid;
    char result[32];
    size_t used;
};

static int loop;

static void watch(struct job *job) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = job};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, job->fd, &event) < 0)
        die("epoll_ctl");
}

static void start_job(int client, uint32_t number) {
    extern char **environ;
    int ends[2];
    struct job *job = calloc(1, sizeof *job);
    char text[32];
    char *arguments[] = {"app", text, NULL};
    posix_spawn_file_actions_t files;
    if (!job || pipe2(ends, O_CLOEXEC) < 0)
        die("pipe2");
    snprintf(text, sizeof text, "%u", number);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    int code = posix_spawn(&job->pid, "/proc/self/exe", &files, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    if (code != 0) {
        errno = code;
        die("posix_spawn");
    }
    close(ends[1]);
    job->fd = ends[0];
    job->client = client;
    watch(job);
}

static void end_job(struct job *job) {
    job->result[job->used] = '\0';
    send_answer(job->client, job->result);
    close(job->client);
    close(job->fd);
    while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(job);
}

static void go_on_with(struct job *job) {
    ssize_t n = read(job->fd, job->result + job->used, sizeof job->result - 1 - job->used);
    if (n > 0)
        job->used += n;
    else if (n == 0 || errno != EINTR)
        end_job(job);
}

static void serve_client(int client) {
    char head[4096];
    uint32_t number;
    bool known = read_request(client, head, sizeof head);
    if (known && wants_stretch(head, &number)) {
        start_job(client, number); // and the client waits for its end
        return;
    }
    if (known)
        send_answer(client, "Hello, Vizag!\n");
    close(client);
}

int main(int argc, char **argv) {
    if (argc > 1) { // the child
        printf("%u\n", stretch((uint32_t)strtoul(argv[1], NULL, 10)));
        return EXIT_SUCCESS;
    }
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

    struct job door = {.fd = listener};
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0)
        die("epoll_create1");
    watch(&door);
    for (;;) {
        struct epoll_event event;
        int n = epoll_wait(loop, &event, 1, -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        if (n <= 0)
            continue;
        if (event.data.ptr != &door) {
            go_on_with(event.data.ptr);
            continue;
        }
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        serve_client(client);
    }
}
