// A counting cluster, design "reexec-thread".
//
// A worker is this very program, started afresh with the argument "worker": posix_spawn() of
// /proc/self/exe. It inherits what any Unix program does: its standard input is the listening
// socket, its standard output a pipe to the master, and everything else is close-on-exec. Here
// nobody multiplexes: each blocking job has a thread of its own, and the code reads from top to
// bottom.
//
//     worker:  main thread       accept, answer, count --+ atomic
//              reporting thread  sleep, read the count <-+--pipe--> master: a reader thread
//     master:  main thread       waits for deaths, replaces                 for each worker

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
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
    REPORT_EVERY_S = 5,
    CLIENT_TIME_MS = 500, // one client at a time, so none may keep us for longer
    RESPAWN_GAP_MS = 100, // after a death at a very young age, and after a failed spawn
    LISTENER_FD = STDIN_FILENO,
    REPORT_FD = STDOUT_FILENO,
};

extern char **environ;

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(int ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

// ---- Worker ---------------------------------------------------------------------------------

static atomic_llong count; // the main thread adds, the reporting thread reads

// One report, one line; shorter than PIPE_BUF, so it goes out whole.
static void send_report(void) {
    json_t *report =
        json_pack("{s:i, s:I}", "pid", getpid(), "count", (json_int_t)atomic_load(&count));
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    char line[128];
    int size = snprintf(line, sizeof line, "%s\n", text);
    free(text);
    while (write(REPORT_FD, line, size) < 0)
        if (errno != EINTR)
            exit(EXIT_FAILURE); // nobody reads it any more: the master is gone
}

// Sleeps until a point in time, not for a time: whatever the report itself takes, and however
// late the thread wakes, the next point is 5 s after the last. So the beat never drifts.
static void *report_for_ever(void *start) {
    struct timespec next = *(struct timespec *)start;
    for (;;) {
        next.tv_sec += REPORT_EVERY_S;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
            ; // a signal came; the point in time is still the same
        send_report();
    }
    return NULL;
}

static bool wait_for(int fd, short events, int64_t deadline_ms) {
    struct pollfd entry = {.fd = fd, .events = events};
    for (;;) {
        int64_t left_ms = deadline_ms - now_ms();
        if (left_ms <= 0)
            return false;
        int n = poll(&entry, 1, (int)left_ms);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

// A request may come in pieces. All we need of it is where it ends: at an empty line.
static bool read_request(int client, int64_t deadline_ms, bool *is_root) {
    int newlines = 0; // line ends in a row
    while (newlines < 2) {
        char bytes[4096];
        if (!wait_for(client, POLLIN, deadline_ms))
            return false;
        ssize_t n = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n <= 0)
            return false; // it left before it had asked anything
        if (newlines == 0 && n >= 4 && strncmp(bytes, "GET ", 4) == 0)
            *is_root = n >= 6 && strncmp(bytes, "GET / ", 6) == 0;
        for (ssize_t i = 0; i < n && newlines < 2; i++) {
            if (bytes[i] == '\n')
                newlines++;
            else if (bytes[i] != '\r')
                newlines = 0;
        }
    }
    return true;
}

static bool send_answer(int client, int64_t deadline_ms, bool is_root) {
    char body[64], answer[256];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid());
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 %s\r\n"
                        "Content-Type: text/plain\r\n"
                        "Content-Length: %d\r\n"
                        "Connection: close\r\n\r\n%s",
                        is_root ? "200 OK" : "404 Not Found", body_size, body);
    for (int sent = 0; sent < size;) {
        if (!wait_for(client, POLLOUT, deadline_ms))
            return false;
        ssize_t n = send(client, answer + sent, size - sent, MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        sent += n > 0 ? (int)n : 0;
    }
    return true;
}

_Noreturn static void work(void) {
    struct timespec start;
    pthread_t reporter;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (pthread_create(&reporter, NULL, report_for_ever, &start) != 0)
        die("pthread_create");
    for (;;) {
        int client = accept4(LISTENER_FD, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            if (errno != EINTR && errno != ECONNABORTED)
                sleep_ms(RESPAWN_GAP_MS); // out of descriptors or memory: do not spin
            continue;
        }
        int64_t deadline_ms = now_ms() + CLIENT_TIME_MS;
        bool is_root = false;
        if (read_request(client, deadline_ms, &is_root) &&
            send_answer(client, deadline_ms, is_root))
            atomic_fetch_add(&count, 1);
        close(client);
    }
}

// ---- Master ---------------------------------------------------------------------------------

// One place in the brigade. The place stays; the workers in it come and go.
struct slot {
    pid_t pid;        // 0: the place is empty
    FILE *reports;    // the reading end of the worker's pipe
    pthread_t reader; // the thread that reads it
    int64_t born_ms;
};

static struct slot *slots;
static int slot_count;
static int listener;

static void print_report(const struct slot *slot, const char *line) {
    json_int_t pid, reported;
    json_t *message = json_loads(line, 0, NULL);
    if (message && json_unpack(message, "{s:I, s:I}", "pid", &pid, "count", &reported) == 0) {
        // stdio locks the stream for each call, so lines of two threads never mix.
        printf("Stats from worker %d: { pid: %lld, count: %lld }\n", slot->pid, (long long)pid,
               (long long)reported);
        fflush(stdout);
    }
    json_decref(message);
}

// getline() deals with lines that come in pieces or several at once. At the worker's death
// comes the end of file, since no other process has the writing end, and the thread is done.
static void *read_reports(void *argument) {
    struct slot *slot = argument;
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, slot->reports) > 0)
        print_report(slot, line);
    free(line);
    return NULL;
}

// Between fork and exec the child does these two dup2() calls. The copies they make are not
// close-on-exec; all that the master has opened is.
static int spawn_worker(pid_t *pid, int pipe_end) {
    posix_spawn_file_actions_t actions;
    char *arguments[] = {"app", "worker", NULL};
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawn_file_actions_adddup2(&actions, listener, LISTENER_FD);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, pipe_end, REPORT_FD);
    if (!error)
        error = posix_spawn(pid, "/proc/self/exe", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static bool start_worker(struct slot *slot) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        perror("pipe2");
        return false;
    }
    int error = spawn_worker(&slot->pid, ends[1]);
    close(ends[1]); // or the end of file would never come
    if (error) {
        fprintf(stderr, "posix_spawn: %s\n", strerror(error));
        close(ends[0]);
        slot->pid = 0;
        return false;
    }
    slot->born_ms = now_ms();
    slot->reports = fdopen(ends[0], "r");
    if (!slot->reports || pthread_create(&slot->reader, NULL, read_reports, slot) != 0)
        die("reader thread");
    return true;
}

static void fill(struct slot *slot) {
    while (!start_worker(slot))
        sleep_ms(RESPAWN_GAP_MS);
}

static void bury(struct slot *slot) {
    pthread_join(slot->reader, NULL); // it reads up to the end of file: no report is lost
    fclose(slot->reports);
    printf("Worker %d died\n", slot->pid);
    fflush(stdout);
    if (now_ms() - slot->born_ms < RESPAWN_GAP_MS)
        sleep_ms(RESPAWN_GAP_MS); // something is wrong with it: do not become a fork bomb
    slot->pid = 0;
}

_Noreturn static void watch_over_workers(void) {
    for (int i = 0; i < slot_count; i++)
        fill(&slots[i]);
    for (;;) {
        pid_t pid = waitpid(-1, NULL, 0);
        if (pid < 0 && errno != EINTR)
            die("waitpid");
        for (int i = 0; i < slot_count; i++) {
            if (pid > 0 && slots[i].pid == pid) {
                bury(&slots[i]);
                fill(&slots[i]);
            }
        }
    }
}

static void listen_on_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind to port 8000");
    if (listen(listener, SOMAXCONN) < 0)
        die("listen");
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); // a client that hangs up is an error of send(), not our end
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        work();
    slot_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        die("calloc");
    listen_on_port();
    printf("Master %d is running\n", getpid());
    fflush(stdout);
    watch_over_workers();
}
