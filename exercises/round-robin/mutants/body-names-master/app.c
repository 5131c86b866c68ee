// The answer is made before the fork, with the PID of the master in it.

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
#include <sys/wait.h>
#include <unistd.h>

enum {
    PORT = 8000,
    MAX_CLIENTS = 64, // at once in one worker; more wait in its channel
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Descriptors through a socket -----------------------------------------------------------

// Room for exactly one descriptor, aligned as the kernel wants it.
union one_descriptor {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
};

// Sends a copy of fd; ours stays open and is ours to close. Returns false if nobody reads there
// any more, or its queue is full: then nothing was sent.
static bool send_descriptor(int channel, int fd) {
    union one_descriptor control = {0};
    struct iovec note = {.iov_base = "c", .iov_len = 1}; // a descriptor needs a byte to ride on
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

// Returns the descriptor, or -1 if there is none just now. Ends the worker with its master.
static int receive_descriptor(int channel) {
    union one_descriptor control;
    char byte; // one at a time: bytes are a stream, and each has its own descriptor
    struct iovec note = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &note,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return -1;
    if (n <= 0)
        exit(EXIT_SUCCESS); // the master is gone
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return -1;
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

// ---- Worker ---------------------------------------------------------------------------------

// The table of poll(): row 0 is the channel, the others are clients. newlines belongs to a row:
// line ends in a row so far; two of them end the head of the request.
static struct pollfd table[1 + MAX_CLIENTS];
static int newlines[1 + MAX_CLIENTS];
static int rows = 1;
static pid_t who;

static void take_connection(void) {
    int fd = receive_descriptor(table[0].fd);
    if (fd < 0)
        return;
    table[rows] = (struct pollfd){.fd = fd, .events = POLLIN};
    newlines[rows] = 0;
    rows++;
}

static void drop_client(int row) {
    close(table[row].fd);
    rows--;
    table[row] = table[rows];
    newlines[row] = newlines[rows];
}

// So short an answer fits into the empty send buffer of a connection, so one send() takes it.
static void send_answer(int client) {
    char body[64], answer[256];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", who);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: %d\r\n"
                        "Connection: close\r\n\r\n%s",
                        body_size, body);
    if (send(client, answer, size, MSG_NOSIGNAL) != size)
        perror("send");
}

// A request may come in pieces. All we need of it is where it ends: at an empty line.
static void read_request(int row) {
    char bytes[4096];
    ssize_t n = recv(table[row].fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    for (ssize_t i = 0; i < n && newlines[row] < 2; i++) {
        if (bytes[i] == '\n')
            newlines[row]++;
        else if (bytes[i] != '\r')
            newlines[row] = 0;
    }
    if (newlines[row] == 2)
        send_answer(table[row].fd);
    if (n <= 0 || newlines[row] == 2)
        drop_client(row);
}

_Noreturn static void work(int channel) {
    table[0].fd = channel;
    for (;;) {
        table[0].events = rows <= MAX_CLIENTS ? POLLIN : 0; // full: the rest waits its turn
        if (poll(table, rows, -1) < 0 && errno != EINTR)
            die("poll");
        for (int row = rows - 1; row > 0; row--) // backwards: dropping moves the last row here
            if (table[row].revents)
                read_request(row);
        if (table[0].revents)
            take_connection();
    }
}

// ---- Master ---------------------------------------------------------------------------------

struct slot { // a place in the rotation; the workers in it come and go
    pid_t pid;
    int channel;
};

static struct slot *slots;
static int slot_count;
static int next_slot; // whose turn it is
static int listener;
static int in_hand = -1; // a connection that no worker could take yet
static int bell[2];      // the handler of SIGCHLD rings at [1]

static void on_child(int signal) {
    int saved = errno;
    (void)signal;
    if (write(bell[1], "x", 1) < 0) {
        // the pipe is full: then it rings already
    }
    errno = saved;
}

_Noreturn static void become_worker(int channel) {
    signal(SIGCHLD, SIG_DFL);
    close(listener);
    close(bell[0]);
    close(bell[1]);
    if (in_hand >= 0)
        close(in_hand); // left open here, that connection would never end
    for (int i = 0; i < slot_count; i++)
        if (slots[i].pid > 0)
            close(slots[i].channel);
    work(channel);
}

static void start_worker(struct slot *slot) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(pair[0]);
        become_worker(pair[1]);
    }
    close(pair[1]);
    *slot = (struct slot){.pid = pid, .channel = pair[0]};
}

static void replace_the_dead(void) {
    char rings[64];
    while (read(bell[0], rings, sizeof rings) > 0)
        ;
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) // one signal may stand for several deaths
        for (int i = 0; i < slot_count; i++)
            if (slots[i].pid == dead) {
                printf("Worker %d died\n", dead);
                fflush(stdout);
                close(slots[i].channel);
                slots[i].pid = 0;
                start_worker(&slots[i]);
            }
}

// Gives the connection in hand to the worker whose turn it is, or, should that one be gone, to
// the next that can take it.
static void deal(void) {
    for (int tries = 0; in_hand >= 0 && tries < slot_count; tries++) {
        struct slot *slot = &slots[next_slot];
        next_slot = (next_slot + 1) % slot_count;
        if (send_descriptor(slot->channel, in_hand)) {
            close(in_hand); // the worker has its own by now
            in_hand = -1;
        }
    }
}

static int listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(fd, SOMAXCONN) < 0)
        die("listen");
    return fd;
}

int main(void) {
    slot_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    slots = calloc(slot_count, sizeof *slots);
    if (!slots || pipe2(bell, O_NONBLOCK | O_CLOEXEC) < 0)
        die("pipe2");
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child, .sa_flags = SA_RESTART}, NULL);
    listener = listen_on_port();
    who = getpid();
    for (int i = 0; i < slot_count; i++)
        start_worker(&slots[i]);
    printf("Master %d is running\n", getpid());
    fflush(stdout);
    for (;;) {
        struct pollfd fds[] = {{.fd = bell[0], .events = POLLIN},
                               {.fd = in_hand < 0 ? listener : -1, .events = POLLIN}};
        if (poll(fds, 2, in_hand < 0 ? -1 : 20) < 0 && errno != EINTR)
            die("poll");
        replace_the_dead(); // before dealing: the dead get no connection
        if (in_hand < 0)
            in_hand = accept4(listener, NULL, NULL, SOCK_CLOEXEC); // -1 if there is none
        deal();
    }
}
