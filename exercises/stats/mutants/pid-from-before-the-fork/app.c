// A counting cluster, design "reuseport-epoll".
//
// No socket is shared: every worker opens its own listener on port 8000 with SO_REUSEPORT, and
// the kernel deals the connections out among them. Whatever can wake a process is a descriptor
// here: connections, the five-second clock (timerfd), the deaths of children (signalfd), the
// reports (a pipe a worker). So one epoll loop does it all, and no signal handler exists.
//
//     client --> kernel deals --> [ listener ] worker --pipe--> master --> stdout
//                                  each its own   x N

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 8000,
    REPORT_EVERY_S = 5,
    CLIENT_LIFE_S = 10,   // a client that says nothing for so long is sent away
    RESPAWN_GAP_MS = 200, // between two births in one place: no fork bomb, whatever goes wrong
    MAX_CLIENTS = 128,
};

// Something epoll watches. It is the first member of whatever it belongs to, so that the
// callback gets from the one to the other by a cast.
struct source {
    int fd;
    void (*ready)(struct source *self);
};

static int loop = -1; // the epoll descriptor, one in each process

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void watch(struct source *source, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, source->fd, &event) < 0 &&
        (errno != EEXIST || epoll_ctl(loop, EPOLL_CTL_MOD, source->fd, &event) < 0))
        die("epoll_ctl");
}

// Waits for one event and handles it. One at a time: a callback may free any source it likes,
// and no event of a freed one can be left over in an array.
static void turn_loop(int timeout_ms) {
    struct epoll_event event;
    int n = epoll_wait(loop, &event, 1, timeout_ms);
    if (n < 0 && errno != EINTR)
        die("epoll_wait");
    if (n == 1) {
        struct source *source = event.data.ptr;
        source->ready(source);
    }
}

// ---- Worker ---------------------------------------------------------------------------------

struct client {
    struct source source; // .fd is -1: free
    int newlines;         // line ends in a row; two of them end the head of the request
    size_t sent;          // bytes of the answer that are out
    int64_t deadline_ms;
};

static struct client clients[MAX_CLIENTS];
static int client_count;
static struct source listener;
static char answer[256]; // the same for every request
static size_t answer_size;
static long long count; // requests answered since this worker started
static int report_pipe;
static pid_t my_pid;

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

static void drop_client(struct client *client) {
    close(client->source.fd); // epoll forgets it by itself: nobody else has it open
    client->source.fd = -1;
    if (client_count-- == MAX_CLIENTS)
        watch(&listener, EPOLLIN); // there is room again
}

static void send_answer(struct client *client) {
    ssize_t n = send(client->source.fd, answer + client->sent, answer_size - client->sent, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        n = 0;
    if (n < 0) {
        drop_client(client);
        return;
    }
    client->sent += n;
    if (client->sent == answer_size) {
        count++;
        drop_client(client);
    } else {
        watch(&client->source, EPOLLOUT); // rare for so short an answer, but it may happen
    }
}

// A request may come in pieces. All we need of it is where it ends: at an empty line.
static void on_client(struct source *self) {
    struct client *client = (struct client *)self;
    char bytes[4096];
    if (client->newlines == 2) {
        send_answer(client);
        return;
    }
    ssize_t n = recv(self->fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop_client(client); // it left before it had asked anything
        return;
    }
    for (ssize_t i = 0; i < n && client->newlines < 2; i++) {
        if (bytes[i] == '\n')
            client->newlines++;
        else if (bytes[i] != '\r')
            client->newlines = 0;
    }
    if (client->newlines == 2)
        send_answer(client);
}

static void on_connection(struct source *self) {
    int fd = accept4(self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return; // the client gave up before we came; nothing to do
    struct client *client = clients;
    while (client->source.fd >= 0)
        client++; // there is a free one, or the listener would not be watched
    *client = (struct client){.source = {.fd = fd, .ready = on_client},
                              .deadline_ms = now_ms() + CLIENT_LIFE_S * 1000};
    if (++client_count == MAX_CLIENTS)
        watch(&listener, 0);
    watch(&client->source, EPOLLIN);
}

// Shorter than PIPE_BUF, so the pipe takes it whole or, broken, not at all.
static void send_report(void) {
    json_t *report = json_pack("{s:i, s:I}", "pid", my_pid, "count", (json_int_t)count);
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    char line[128];
    int size = snprintf(line, sizeof line, "%s\n", text);
    free(text);
    while (write(report_pipe, line, size) < 0)
        if (errno != EINTR)
            exit(EXIT_FAILURE); // the master is gone
}

static void on_five_seconds(struct source *self) {
    uint64_t ticks; // more than one if this process was held up; one report will do then
    if (read(self->fd, &ticks, sizeof ticks) != sizeof ticks)
        return;
    send_report();
    int64_t now = now_ms();
    for (int i = 0; i < MAX_CLIENTS; i++)
        if (clients[i].source.fd >= 0 && clients[i].deadline_ms <= now)
            drop_client(&clients[i]);
}

static void on_master_gone(struct source *self) {
    (void)self; // EPOLLERR: the pipe has no reader any more
    exit(EXIT_SUCCESS);
}

static int listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        die("socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(fd, SOMAXCONN) < 0)
        die("listen");
    return fd;
}

// The kernel keeps the beat: 5 s from now, then every 5 s from there, however long we take.
static int start_clock(void) {
    struct itimerspec beat = {.it_value = {.tv_sec = REPORT_EVERY_S},
                              .it_interval = {.tv_sec = REPORT_EVERY_S}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0 || timerfd_settime(fd, 0, &beat, NULL) < 0)
        die("timerfd");
    return fd;
}

_Noreturn static void work(int pipe_end) {
    struct source clock = {.fd = start_clock(), .ready = on_five_seconds};
    struct source master = {.fd = pipe_end, .ready = on_master_gone};
    listener = (struct source){.fd = listen_on_port(), .ready = on_connection};
    report_pipe = pipe_end;
    for (int i = 0; i < MAX_CLIENTS; i++)
        clients[i].source.fd = -1;
    make_answer();
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0)
        die("epoll_create1");
    watch(&clock, EPOLLIN);
    watch(&master, 0); // errors are always told
    watch(&listener, EPOLLIN);
    for (;;)
        turn_loop(-1);
}

// ---- Master ---------------------------------------------------------------------------------

// One place in the brigade. The place stays; the workers in it come and go.
struct slot {
    struct source source; // .fd: the reading end of the worker's pipe, -1: none
    pid_t pid;            // 0: the place is empty
    int64_t next_birth_ms;
    char inbox[512]; // what has arrived of the next line
    size_t used;
};

static struct slot *slots;
static int slot_count;
static struct source signals;
static bool is_stopping;

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

static void close_pipe(struct slot *slot) {
    if (slot->source.fd < 0)
        return;
    // Said aloud for once: were the pipe open in a second process as well, close() alone would
    // leave it in the epoll set.
    epoll_ctl(loop, EPOLL_CTL_DEL, slot->source.fd, NULL);
    close(slot->source.fd);
    slot->source.fd = -1;
}

// Returns false when there is nothing more to read now.
static bool read_some(struct slot *slot) {
    ssize_t n = read(slot->source.fd, slot->inbox + slot->used, sizeof slot->inbox - slot->used);
    if (n < 0 && errno == EINTR)
        return true;
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        close_pipe(slot);
        return false;
    }
    slot->used += n;
    char *line = slot->inbox, *end;
    while ((end = memchr(line, '\n', slot->inbox + slot->used - line))) {
        print_report(slot, line, end - line);
        line = end + 1;
    }
    slot->used -= line - slot->inbox;
    memmove(slot->inbox, line, slot->used); // the beginning of a line waits for its end
    if (slot->used == sizeof slot->inbox)
        slot->used = 0; // no report is that long
    return true;
}

static void on_report(struct source *self) {
    while (read_some((struct slot *)self))
        ;
}

static void start_worker(struct slot *slot) {
    int ends[2];
    slot->next_birth_ms = now_ms() + RESPAWN_GAP_MS;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        perror("pipe2");
        return; // the place stays empty, and the next round tries again
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK); // for the master; the worker's end may block
    fflush(stdout); // or the child would own a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL); // a blocked SIGTERM would be inherited
        close(signals.fd);
        close(loop);
        close(ends[0]);
        for (int i = 0; i < slot_count; i++)
            if (slots[i].source.fd >= 0)
                close(slots[i].source.fd);
        work(ends[1]);
    }
    close(ends[1]); // or the master would never see the end of file
    if (pid < 0) {
        perror("fork");
        close(ends[0]);
        return;
    }
    slot->source = (struct source){.fd = ends[0], .ready = on_report};
    slot->pid = pid;
    slot->used = 0;
    watch(&slot->source, EPOLLIN);
}

// One SIGCHLD may stand for several deaths, so ask until there is no more to learn.
static void reap_workers(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        for (int i = 0; i < slot_count; i++) {
            struct slot *slot = &slots[i];
            if (slot->pid != pid)
                continue;
            while (slot->source.fd >= 0 && read_some(slot))
                ; // its last words may still be in the pipe
            close_pipe(slot);
            slot->pid = 0;
            printf("Worker %d died\n", pid);
            fflush(stdout);
        }
    }
}

static void on_signal(struct source *self) {
    struct signalfd_siginfo info;
    if (read(self->fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGCHLD) {
        reap_workers();
        return;
    }
    is_stopping = true; // SIGTERM or SIGINT: the workers first, then we
    for (int i = 0; i < slot_count; i++)
        if (slots[i].pid > 0)
            kill(slots[i].pid, SIGTERM);
}

// Blocked, the signals wait until the descriptor is read: no handler, no race.
static void take_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signals =
        (struct source){.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), .ready = on_signal};
    if (signals.fd < 0)
        die("signalfd");
    watch(&signals, EPOLLIN);
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end
}

static bool fill_empty_slots(void) {
    bool is_full = true;
    for (int i = 0; i < slot_count; i++) {
        if (slots[i].pid == 0 && slots[i].next_birth_ms <= now_ms())
            start_worker(&slots[i]);
        is_full = is_full && slots[i].pid > 0;
    }
    return is_full;
}

static bool has_workers(void) {
    for (int i = 0; i < slot_count; i++)
        if (slots[i].pid > 0)
            return true;
    return false;
}

int main(void) {
    my_pid = getpid();
    slot_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    slots = calloc(slot_count, sizeof *slots);
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (!slots || loop < 0)
        die("start");
    for (int i = 0; i < slot_count; i++)
        slots[i].source.fd = -1;
    take_signals();
    printf("Master %d is running\n", getpid());
    while (!is_stopping)
        turn_loop(fill_empty_slots() ? -1 : RESPAWN_GAP_MS / 4);
    while (has_workers())
        turn_loop(-1);
    free(slots);
}
