// A counting cluster, design "pass-descriptors".
//
// Only the master listens and accepts, and then deals the connections out in turn, as Node does
// on Linux: a descriptor travels to its worker over a unix socket (SCM_RIGHTS). Up the same
// socket come the reports. It is a SOCK_SEQPACKET, so one send is one receive, and nobody has to
// cut a stream into messages. Deaths are seen through a pidfd, a descriptor that stands for a
// process: no signal is used at all.
//
//     client --> [ listener ] master ==descriptor==> worker    the worker answers the client
//                             master <---report----- worker    on the very same connection

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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PORT = 8000,
    REPORT_EVERY_MS = 5000,
    CLIENT_LIFE_MS = 10000, // a client that says nothing for so long is sent away
    RESPAWN_GAP_MS = 200,   // between two births in one place: no fork bomb
    RETRY_MS = 20,          // no worker can take a connection just now: ask again after this
    MAX_CLIENTS = 128,      // at once in one worker
    MAX_FD = 512,
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int ms_until(int64_t deadline_ms) {
    int64_t left = deadline_ms - now_ms();
    return left > 0 ? (int)left : 0;
}

// ---- Descriptors through a socket -----------------------------------------------------------

// Room for exactly one descriptor, aligned as the kernel wants it.
union one_descriptor {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
};

// Sends a copy of fd; ours stays open and is ours to close. Returns false if the other end is
// gone or its queue is full: then nothing was sent.
static bool send_descriptor(int channel, int fd) {
    union one_descriptor control = {0};
    struct iovec note = {.iov_base = "c", .iov_len = 1}; // an empty message carries nothing
    struct msghdr message = {.msg_iov = &note,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ssize_t n;
    do
        n = sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

// Returns the next descriptor that has come in, -1 if there is none, -2 if the other end is gone.
static int receive_descriptor(int channel) {
    union one_descriptor control;
    char byte;
    struct iovec note = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &note,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? -1 : -2;
    if (n == 0)
        return -2;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return -1;
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

// ---- Worker ---------------------------------------------------------------------------------

struct client {
    bool is_open;
    int newlines; // line ends in a row; two of them end the head of the request
    size_t sent;  // bytes of the answer that are out
    int64_t deadline_ms;
};

static struct client clients[MAX_FD]; // by descriptor
static int client_count;
static char answer[256]; // the same for every request
static size_t answer_size;
static long long count; // requests answered since this worker started
static int loop;        // the epoll descriptor
static int master;      // our end of the channel

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

static void watch(int how, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(loop, how, fd, &event) < 0)
        die("epoll_ctl");
}

static void drop_client(int fd) {
    close(fd);
    clients[fd].is_open = false;
    if (client_count-- == MAX_CLIENTS)
        watch(EPOLL_CTL_MOD, master, EPOLLIN);
}

static void send_answer(int fd) {
    struct client *client = &clients[fd];
    ssize_t n = send(fd, answer + client->sent, answer_size - client->sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop_client(fd);
        return;
    }
    client->sent += n > 0 ? n : 0;
    if (client->sent < answer_size) {
        watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
        return;
    }
    count++;
    drop_client(fd);
}

// A request may come in pieces. All we need of it is where it ends: at an empty line.
static void read_request(int fd) {
    struct client *client = &clients[fd];
    char bytes[4096];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop_client(fd); // it left before it had asked anything
        return;
    }
    for (ssize_t i = 0; i < n && client->newlines < 2; i++) {
        if (bytes[i] == '\n')
            client->newlines++;
        else if (bytes[i] != '\r')
            client->newlines = 0;
    }
    if (client->newlines == 2)
        send_answer(fd);
}

static void take_connection(void) {
    int fd = receive_descriptor(master);
    if (fd == -2)
        exit(EXIT_SUCCESS); // the master is gone
    if (fd < 0)
        return;
    if (fd >= MAX_FD) {
        close(fd);
        return;
    }
    clients[fd] = (struct client){.is_open = true, .deadline_ms = now_ms() + CLIENT_LIFE_MS};
    watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    // Enough? Then what else is dealt to us queues up in the channel, and when that is full, too,
    // the master deals to others.
    if (++client_count == MAX_CLIENTS)
        watch(EPOLL_CTL_MOD, master, 0);
}

static void send_report(void) {
    json_t *report = json_pack("{s:i, s:I}", "pid", getpid(), "count", (json_int_t)count);
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    if (!text)
        die("json_dumps");
    while (send(master, text, strlen(text), MSG_NOSIGNAL) < 0) // a packet goes whole or not at all
        if (errno != EINTR)
            exit(EXIT_FAILURE);
    free(text);
}

static void drop_silent_clients(void) {
    for (int fd = 0; fd < MAX_FD; fd++)
        if (clients[fd].is_open && clients[fd].deadline_ms <= now_ms())
            drop_client(fd);
}

static void handle(const struct epoll_event *event) {
    int fd = event->data.fd;
    if (fd == master)
        take_connection();
    else if (clients[fd].newlines < 2)
        read_request(fd);
    else
        send_answer(fd);
}

_Noreturn static void work(int channel) {
    int64_t next_report_ms = now_ms() + REPORT_EVERY_MS;
    master = channel;
    make_answer();
    loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0)
        die("epoll_create1");
    watch(EPOLL_CTL_ADD, master, EPOLLIN);
    for (;;) {
        struct epoll_event events[16];
        int n = epoll_wait(loop, events, 16, ms_until(next_report_ms));
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++)
            handle(&events[i]);
        if (ms_until(next_report_ms) > 0)
            continue;
        send_report();
        drop_silent_clients();
        while (ms_until(next_report_ms) == 0)
            next_report_ms += REPORT_EVERY_MS; // from the last deadline, not from now: no drift
    }
}

// ---- Master ---------------------------------------------------------------------------------

// One place in the brigade. The place stays; the workers in it come and go.
struct slot {
    pid_t pid;   // 0: the place is empty
    int pidfd;   // readable once the process has ended
    int channel; // the master's end, -1: none
    int64_t next_birth_ms;
};

static struct slot *slots;
static int slot_count;
static int listener;
static int in_hand = -1; // a connection that no worker could take yet
static int next_slot;    // whose turn it is

static void start_worker(struct slot *slot) {
    int pair[2];
    slot->next_birth_ms = now_ms() + RESPAWN_GAP_MS;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        perror("socketpair");
        return; // the place stays empty, and the next round tries again
    }
    fflush(stdout); // or the child would own a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        close(listener);
        if (in_hand >= 0)
            close(in_hand); // kept open here, that connection would never end
        for (int i = 0; i < slot_count; i++) {
            if (slots[i].pid == 0)
                continue;
            close(slots[i].pidfd);
            if (slots[i].channel >= 0)
                close(slots[i].channel);
        }
        work(pair[1]);
    }
    close(pair[1]);
    if (pid < 0) {
        perror("fork");
        close(pair[0]);
        return;
    }
    // No race: the PID is not given to anybody else before we have waited for the child.
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0); // close-on-exec by nature
    if (pidfd < 0)
        die("pidfd_open");
    *slot = (struct slot){
        .pid = pid, .pidfd = pidfd, .channel = pair[0], .next_birth_ms = slot->next_birth_ms};
}

static void print_report(const struct slot *slot, const char *packet, size_t size) {
    json_int_t pid, reported;
    json_t *message = json_loadb(packet, size, 0, NULL);
    if (message && json_unpack(message, "{s:I, s:I}", "pid", &pid, "count", &reported) == 0) {
        printf("Stats from worker %d: { pid: %lld, count: %lld }\n", slot->pid, (long long)pid,
               (long long)reported);
        fflush(stdout);
    }
    json_decref(message);
}

static void read_channel(struct slot *slot) {
    while (slot->channel >= 0) {
        char packet[512];
        ssize_t n = recv(slot->channel, packet, sizeof packet, MSG_DONTWAIT);
        if (n > 0) {
            print_report(slot, packet, n);
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            return;
        } else if (n < 0 && errno == ECONNRESET) {
            continue; // it died with connections unread; told once, before its last reports
        } else {
            close(slot->channel);
            slot->channel = -1;
        }
    }
}

static void reap_worker(struct slot *slot) {
    while (waitid(P_PIDFD, slot->pidfd, &(siginfo_t){0}, WEXITED) < 0)
        if (errno != EINTR)
            die("waitid");
    read_channel(slot); // its last words may still be on the way
    if (slot->channel >= 0)
        close(slot->channel);
    close(slot->pidfd);
    printf("Worker %d died\n", slot->pid);
    fflush(stdout);
    slot->pid = 0;
    slot->channel = -1;
}

static int fill_empty_slots(void) {
    int timeout_ms = -1; // for ever
    for (int i = 0; i < slot_count; i++) {
        struct slot *slot = &slots[i];
        if (slot->pid == 0 && ms_until(slot->next_birth_ms) == 0)
            start_worker(slot);
        if (slot->pid == 0 && (timeout_ms < 0 || ms_until(slot->next_birth_ms) < timeout_ms))
            timeout_ms = ms_until(slot->next_birth_ms);
    }
    return timeout_ms;
}

// Gives the connection in hand to the worker whose turn it is, or, if that one cannot take it,
// to the next that can.
static void deal(void) {
    for (int tries = 0; in_hand >= 0 && tries < slot_count; tries++) {
        struct slot *slot = &slots[next_slot];
        next_slot = (next_slot + 1) % slot_count;
        if (slot->channel >= 0 && send_descriptor(slot->channel, in_hand)) {
            close(in_hand); // the worker has its own by now
            in_hand = -1;
        }
    }
}

static void listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
}

// The descriptors to watch: the listener, then a channel and a pidfd for each place.
static void fill_table(struct pollfd *fds) {
    fds[0] = (struct pollfd){.fd = in_hand < 0 ? listener : -1, .events = POLLIN};
    for (int i = 0; i < slot_count; i++) {
        bool is_alive = slots[i].pid > 0;
        fds[1 + 2 * i] = (struct pollfd){.fd = slots[i].channel, .events = POLLIN};
        fds[2 + 2 * i] = (struct pollfd){.fd = is_alive ? slots[i].pidfd : -1, .events = POLLIN};
    }
}

_Noreturn static void watch_over_workers(void) {
    struct pollfd fds[1 + 2 * slot_count];
    for (;;) {
        int timeout_ms = fill_empty_slots();
        deal();
        if (in_hand >= 0)
            timeout_ms = RETRY_MS;
        fill_table(fds);
        if (poll(fds, 1 + 2 * slot_count, timeout_ms) < 0) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        for (int i = 0; i < slot_count; i++) {
            if (fds[1 + 2 * i].revents)
                read_channel(&slots[i]);
            if (fds[2 + 2 * i].revents) // the dead first: they get no connection any more
                reap_worker(&slots[i]);
        }
        if (fds[0].revents) // dealt out at the start of the next round; -1 if there is none
            in_hand = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
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
    printf("Master %d is running\n", getpid());
    watch_over_workers();
}
