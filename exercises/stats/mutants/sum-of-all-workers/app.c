// A counting cluster, design "one-pipe".
//
// The old school: select(), an interval timer, and signals. All workers write into one pipe.
// That works because a write of up to PIPE_BUF bytes is atomic: lines of different workers
// follow each other, they never mix. The price is that the master cannot see who wrote; it has
// to take the PID in the message for granted. Signals are blocked but for the moment of waiting:
// pselect() and ppoll() open the door and close it again, so no signal comes at a bad time.
//
//     worker --+
//     worker --+--> one pipe --> master --> stdout
//     worker --+

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PORT = 8000,
    REPORT_EVERY_S = 5,
    CLIENT_LIFE_TICKS = 2, // a client that is still there at its third report has said nothing
                           // for 10 s or more, and is sent away
    RETRY_MS = 200,        // after a fork() that failed
    MAX_FD = 256,          // less than FD_SETSIZE, beyond which select() cannot look
};

static int listener;
static int reports[2]; // the one pipe
static volatile sig_atomic_t has_alarm, has_dead_child;

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

struct client {
    bool is_open;
    int newlines; // line ends in a row; two of them end the head of the request
    size_t sent;  // bytes of the answer that are out
    int ticks;    // reports it has lived to see
};

static struct client clients[MAX_FD]; // by descriptor
static char answer[256];              // the same for every request
static size_t answer_size;
static long long *count; // requests answered, in memory that all processes share

static void on_alarm(int signal_number) {
    (void)signal_number;
    has_alarm = 1;
}

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

// The line and its newline must go in one write: only that is atomic.
static void send_report(void) {
    char line[128];
    json_t *report = json_pack("{s:i, s:I}", "pid", getpid(), "count", (json_int_t)*count);
    size_t size = json_dumpb(report, line, sizeof line - 1, JSON_COMPACT);
    json_decref(report);
    line[size++] = '\n';
    while (write(reports[1], line, size) < 0)
        if (errno != EINTR)
            exit(EXIT_FAILURE); // EPIPE: the master is gone
}

static void drop_client(int fd) {
    close(fd);
    clients[fd].is_open = false;
}

static void send_answer(int fd) {
    struct client *client = &clients[fd];
    ssize_t n = send(fd, answer + client->sent, answer_size - client->sent, 0);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop_client(fd);
        return;
    }
    client->sent += n > 0 ? n : 0;
    if (client->sent == answer_size) {
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
        drop_client(fd);
    }
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

static void accept_client(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= MAX_FD)
        close(fd);
    else if (fd >= 0) // else a sibling was faster, or the client gave up
        clients[fd] = (struct client){.is_open = true};
}

static void tick(void) {
    send_report();
    for (int fd = 0; fd < MAX_FD; fd++)
        if (clients[fd].is_open && ++clients[fd].ticks > CLIENT_LIFE_TICKS)
            drop_client(fd);
}

// Returns the highest descriptor in the sets.
static int fill_sets(fd_set *readable, fd_set *writable) {
    int highest = listener;
    FD_ZERO(readable);
    FD_ZERO(writable);
    FD_SET(listener, readable);
    for (int fd = 0; fd < MAX_FD; fd++) {
        if (!clients[fd].is_open)
            continue;
        FD_SET(fd, clients[fd].newlines < 2 ? readable : writable);
        if (fd > highest)
            highest = fd;
    }
    return highest;
}

_Noreturn static void serve_for_ever(const sigset_t *while_waiting) {
    for (;;) {
        fd_set readable, writable;
        int highest = fill_sets(&readable, &writable);
        int n = pselect(highest + 1, &readable, &writable, NULL, NULL, while_waiting);
        if (n < 0 && errno != EINTR)
            die("pselect");
        if (has_alarm) {
            has_alarm = 0;
            tick();
        }
        if (n < 0)
            continue; // the sets mean nothing then
        for (int fd = 0; fd <= highest; fd++) {
            if (clients[fd].is_open && FD_ISSET(fd, &writable))
                send_answer(fd);
            else if (clients[fd].is_open && FD_ISSET(fd, &readable))
                read_request(fd);
        }
        if (FD_ISSET(listener, &readable))
            accept_client();
    }
}

_Noreturn static void work(void) {
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval beat = {.it_value = {.tv_sec = REPORT_EVERY_S},
                             .it_interval = {.tv_sec = REPORT_EVERY_S}};
    sigset_t alarm_only, none;
    close(reports[0]); // with a reader among the workers, EPIPE would never tell of the master
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_SETMASK, &alarm_only, NULL);
    sigemptyset(&none);
    // The kernel keeps the beat: a tick that is handled late does not shift the next one.
    if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &beat, NULL) < 0)
        die("timer");
    make_answer();
    serve_for_ever(&none);
}

// ---- Master ---------------------------------------------------------------------------------

static int wanted;  // as many workers as there are CPUs
static int running; // as many as there are

static void on_child(int signal_number) {
    (void)signal_number;
    has_dead_child = 1;
}

static void print_report(const char *line, size_t size) {
    json_int_t pid, reported;
    json_t *message = json_loadb(line, size, 0, NULL);
    if (message && json_unpack(message, "{s:I, s:I}", "pid", &pid, "count", &reported) == 0) {
        printf("Stats from worker %lld: { pid: %lld, count: %lld }\n", (long long)pid,
               (long long)pid, (long long)reported);
        fflush(stdout);
    }
    json_decref(message);
}

// Written whole, yet not always read whole: our buffer may end in the middle of a line.
static void read_reports(void) {
    static char inbox[4096];
    static size_t used;
    ssize_t n = read(reports[0], inbox + used, sizeof inbox - used);
    if (n <= 0)
        return; // EINTR or EAGAIN; never the end, for we keep the writing end open ourselves
    used += n;
    char *line = inbox, *end;
    while ((end = memchr(line, '\n', inbox + used - line))) {
        print_report(line, end - line);
        line = end + 1;
    }
    used -= line - inbox;
    memmove(inbox, line, used);
    if (used == sizeof inbox)
        used = 0; // no report is that long
}

// Returns false when the system has no process to spare just now.
static bool start_worker(void) {
    fflush(stdout); // or the child would own a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid == 0)
        work();
    if (pid < 0) {
        perror("fork");
        return false;
    }
    running++;
    return true;
}

// One SIGCHLD may stand for several deaths, so ask until there is no more to learn.
static void reap_workers(void) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        running--;
        printf("Worker %d died\n", pid);
        fflush(stdout);
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

int main(void) {
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
    sigset_t child_only, while_waiting;
    wanted = (int)sysconf(_SC_NPROCESSORS_ONLN);
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (count == MAP_FAILED)
        die("mmap");
    listen_on_port();
    if (pipe2(reports, O_CLOEXEC) < 0)
        die("pipe2");
    fcntl(reports[0], F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end
    sigemptyset(&child_only);
    sigaddset(&child_only, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_only, &while_waiting);
    sigdelset(&while_waiting, SIGCHLD); // whoever started us may have blocked it
    sigaction(SIGCHLD, &action, NULL);
    printf("Master %d is running\n", getpid());
    for (;;) {
        struct timespec retry = {.tv_nsec = RETRY_MS * 1000000L};
        struct pollfd fds = {.fd = reports[0], .events = POLLIN};
        while (running < wanted && start_worker())
            ;
        int n = ppoll(&fds, 1, running < wanted ? &retry : NULL, &while_waiting);
        if (n > 0)
            read_reports();
        if (has_dead_child) {
            has_dead_child = 0; // first the flag, then the question: no death goes unnoticed
            reap_workers();
        }
    }
}
