// A counting cluster, design "prefork-poll".
//
// The master opens the listening socket and forks one worker per CPU. Every worker inherits
// that socket, so all of them take connections from one queue. A socketpair joins each worker
// to the master; reports travel up it as JSON, a line each. Master and workers alike are one
// poll() loop: nobody ever waits in a place where something else could not wake them.
//
//     client --> [ listening socket ] --> worker --socketpair--> master --> stdout
//                      shared by all        x N

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 8000,
    REPORT_EVERY_MS = 5000,
    CLIENT_LIFE_MS = 10000, // a client that says nothing for so long is sent away
    RESPAWN_GAP_MS = 200,   // between two births in one place: a worker that cannot live
                            // must not turn the master into a fork bomb
    MAX_CLIENTS = 128,
};

// One place in the brigade. The place stays; the workers in it come and go.
struct slot {
    pid_t pid;          // 0: the place is empty
    int channel;        // the master's end of the socketpair, -1: none
    int64_t next_birth; // not before this time, in ms
    char inbox[512];    // what has arrived of the next line
    size_t used;
};

static struct slot *slots;
static int slot_count;
static int listener;
static int child_died[2]; // self-pipe: the SIGCHLD handler writes, poll() sees it

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); // wall clocks get set, this one only ever advances
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int ms_until(int64_t deadline) {
    int64_t left = deadline - now_ms();
    return left > 0 ? (int)left : 0;
}

// ---- Worker ---------------------------------------------------------------------------------

struct client {
    int fd;           // -1: free
    int newlines;     // line ends in a row; two of them end the head of the request
    size_t sent;      // bytes of the answer that are out
    int64_t deadline; // in ms
};

static struct client clients[MAX_CLIENTS];
static int client_count;
static char answer[256]; // the same for every request, so it is made once
static size_t answer_size;
static long long count; // requests answered since this worker started

static void make_answer(void) {
    char body[64];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid());
    answer_size = snprintf(answer, sizeof answer,
                           "HTTP/1.1 200 OK\r\n"
                           "Content-Type: text/plain\r\n"
                           "Content-Length: %d\r\n"
                           "Connection: close\r\n\r\n%s",
                           body_size, body);
}

// One report, one line. The channel is a stream: a write may take only a part of it.
static void send_report(int channel) {
    json_t *report = json_pack("{s:i, s:I}", "pid", getpid(), "count", (json_int_t)count);
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    if (!text)
        die("json_dumps");
    size_t size = strlen(text);
    text[size++] = '\n'; // over the closing NUL: the size is what counts from here on
    for (size_t sent = 0; sent < size;) {
        ssize_t n = write(channel, text + sent, size - sent);
        if (n < 0 && errno != EINTR)
            exit(EXIT_FAILURE); // nobody to report to: the master is gone
        sent += n > 0 ? n : 0;
    }
    free(text);
}

static void accept_client(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return; // a sibling was faster (EAGAIN), or the client gave up: either way, go on
    struct client *client = clients;
    while (client->fd >= 0)
        client++; // there is a free one: with a full table we do not poll the listener
    *client = (struct client){.fd = fd, .deadline = now_ms() + CLIENT_LIFE_MS};
    client_count++;
}

static void drop_client(struct client *client) {
    close(client->fd);
    client->fd = -1;
    client_count--;
}

// A request may come in pieces. All we need of it is where it ends: at an empty line.
static bool is_complete(struct client *client, const char *bytes, ssize_t size) {
    for (ssize_t i = 0; i < size && client->newlines < 2; i++) {
        if (bytes[i] == '\n')
            client->newlines++;
        else if (bytes[i] != '\r')
            client->newlines = 0;
    }
    return client->newlines == 2;
}

static void go_on_with(struct client *client) {
    if (client->newlines < 2) {
        char bytes[4096];
        ssize_t n = recv(client->fd, bytes, sizeof bytes, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            drop_client(client); // it left before it had asked anything
            return;
        }
        if (!is_complete(client, bytes, n))
            return;
    }
    ssize_t n = send(client->fd, answer + client->sent, answer_size - client->sent, 0);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            drop_client(client);
        return;
    }
    client->sent += n;
    if (client->sent == answer_size) {
        count++;
        drop_client(client);
    }
}

static void drop_silent_clients(void) {
    int64_t now = now_ms();
    for (int i = 0; i < MAX_CLIENTS; i++)
        if (clients[i].fd >= 0 && clients[i].deadline <= now)
            drop_client(&clients[i]);
}

// Two fixed entries and one for each place in the table of clients; poll() skips fd -1.
static void wait_for_work(struct pollfd *fds, int channel, int64_t next_report) {
    fds[0] = (struct pollfd){.fd = client_count < MAX_CLIENTS ? listener : -1, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = channel}; // asks for nothing, yet POLLHUP always comes
    for (int i = 0; i < MAX_CLIENTS; i++) {
        fds[2 + i].fd = clients[i].fd;
        fds[2 + i].events = clients[i].newlines < 2 ? POLLIN : POLLOUT;
        fds[2 + i].revents = 0;
    }
    if (poll(fds, 2 + MAX_CLIENTS, ms_until(next_report)) < 0) {
        if (errno != EINTR)
            die("poll");
        for (int i = 0; i < 2 + MAX_CLIENTS; i++)
            fds[i].revents = 0;
    }
}

_Noreturn static void work(int channel) {
    struct pollfd fds[2 + MAX_CLIENTS];
    int64_t next_report = now_ms() + REPORT_EVERY_MS;
    for (int i = 0; i < MAX_CLIENTS; i++)
        clients[i].fd = -1;
    make_answer();
    for (;;) {
        wait_for_work(fds, channel, next_report);
        if (ms_until(next_report) == 0) {
            send_report(channel);
            drop_silent_clients();
            // The next deadline follows from the last one, not from now: no drift.
            while (ms_until(next_report) == 0)
                next_report += REPORT_EVERY_MS;
        }
        if (fds[1].revents)
            exit(EXIT_SUCCESS); // the master is gone
        for (int i = 0; i < MAX_CLIENTS; i++)
            if (fds[2 + i].revents && clients[i].fd >= 0)
                go_on_with(&clients[i]);
        if (fds[0].revents)
            accept_client(); // one a round: the siblings want work, too
    }
}

// ---- Master ---------------------------------------------------------------------------------

static void on_child_died(int signal_number) {
    (void)signal_number;
    int saved = errno;
    ssize_t ignored = write(child_died[1], "", 1); // full? Then poll() wakes up anyway
    (void)ignored;
    errno = saved;
}

// What the new worker must not keep. An end of a socketpair that lives on in a sibling would
// hide from everybody that its owner has died.
static void leave_the_master(void) {
    signal(SIGCHLD, SIG_DFL);
    close(child_died[0]);
    close(child_died[1]);
    for (int i = 0; i < slot_count; i++)
        if (slots[i].channel >= 0)
            close(slots[i].channel);
}

static void start_worker(struct slot *slot) {
    int pair[2];
    slot->next_birth = now_ms() + RESPAWN_GAP_MS;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        perror("socketpair");
        return; // the place stays empty, the next round tries again
    }
    fflush(stdout); // or the child would own a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid == 0) {
        leave_the_master();
        close(pair[0]);
        work(pair[1]);
    }
    close(pair[1]);
    if (pid < 0) {
        perror("fork");
        close(pair[0]);
        return;
    }
    slot->pid = pid;
    slot->channel = pair[0];
    slot->used = 0;
}

static void print_report(const struct slot *slot, const char *line, size_t size) {
    json_int_t pid, reported;
    json_t *message = json_loadb(line, size, 0, NULL);
    if (message && json_unpack(message, "{s:I, s:I}", "pid", &pid, "count", &reported) == 0) {
        printf("Stats from worker %d: { pid: %lld, count: %lld }\n", slot->pid, (long long)pid,
               (long long)reported);
        fflush(stdout);
    }
    json_decref(message);
}

// What has no end yet stays until it has.
static void print_lines(struct slot *slot) {
    char *end = memchr(slot->inbox, '\n', slot->used);
    if (end) {
        print_report(slot, slot->inbox, end - slot->inbox);
        slot->used = 0;
    }
    if (slot->used == sizeof slot->inbox)
        slot->used = 0; // no report is that long
}

static void read_channel(struct slot *slot) {
    while (slot->channel >= 0) {
        ssize_t n = recv(slot->channel, slot->inbox + slot->used, sizeof slot->inbox - slot->used,
                         MSG_DONTWAIT);
        if (n > 0) {
            slot->used += n;
            print_lines(slot);
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            return;
        } else {
            close(slot->channel); // end of file: the worker is gone, or soon will be
            slot->channel = -1;
        }
    }
}

// One SIGCHLD may stand for several deaths, so ask until there is no more to learn.
static void reap_workers(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        for (int i = 0; i < slot_count; i++) {
            struct slot *slot = &slots[i];
            if (slot->pid != pid)
                continue;
            read_channel(slot); // its last words may still be on the way
            if (slot->channel >= 0)
                close(slot->channel);
            slot->channel = -1;
            slot->pid = 0;
            printf("Worker %d died\n", pid);
            fflush(stdout);
        }
    }
}

// Returns how long poll() may wait: until the next empty place is due, or -1 for ever.
static int fill_empty_slots(void) {
    int timeout = -1;
    for (int i = 0; i < slot_count; i++) {
        struct slot *slot = &slots[i];
        if (slot->pid == 0 && ms_until(slot->next_birth) == 0)
            start_worker(slot);
        if (slot->pid == 0 && (timeout < 0 || ms_until(slot->next_birth) < timeout))
            timeout = ms_until(slot->next_birth);
    }
    return timeout;
}

static void listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    // Non-blocking: of all the workers that poll() wakes for a connection, one gets it, and the
    // others must not be stuck in accept().
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
}

static void prepare_signals(void) {
    struct sigaction action = {.sa_handler = on_child_died, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    if (pipe2(child_died, O_NONBLOCK | O_CLOEXEC) < 0 || sigaction(SIGCHLD, &action, NULL) < 0)
        die("SIGCHLD");
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end
}

_Noreturn static void watch_over_workers(void) {
    struct pollfd fds[1 + slot_count];
    for (;;) {
        int timeout = fill_empty_slots();
        fds[0] = (struct pollfd){.fd = child_died[0], .events = POLLIN};
        for (int i = 0; i < slot_count; i++)
            fds[1 + i] = (struct pollfd){.fd = slots[i].channel, .events = POLLIN};
        if (poll(fds, 1 + slot_count, timeout) < 0) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        for (int i = 0; i < slot_count; i++)
            if (fds[1 + i].revents)
                read_channel(&slots[i]);
        if (fds[0].revents) {
            char bytes[64];
            while (read(child_died[0], bytes, sizeof bytes) > 0)
                ; // empty the self-pipe before the question, so that no death goes unnoticed
            reap_workers();
        }
    }
}

int main(void) {
    slot_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        die("calloc");
    for (int i = 0; i < slot_count; i++)
        slots[i].channel = -1;
    listen_on_port();
    prepare_signals();
    printf("Master %d is running\n", getpid());
    watch_over_workers();
}
