// Orders out, reports back, design "one-pipe-threads".
//
// Orders go to each worker through a pipe of its own; all reports come back through one pipe that
// the workers share. A line shorter than PIPE_BUF goes in whole, so lines of two workers never
// mix (pipe(7)), and stdio's getline() puts together what a read() has split and takes apart what
// it has joined. In the master one thread reads the reports, another waits for the dead.
//
//     master --pipe--> worker --+
//     master --pipe--> worker --+--one pipe--> master: the reading thread
//       waits for the dead

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    pid_t pid;
    int orders; // our end of its pipe
};

static struct place *places;
static long place_count;
static int reports[2]; // [0] read by the master, [1] written by all workers

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// One write for one line.
static int send_line(int fd, const char *member, const char *text) {
    json_t *message = json_pack("{s:s}", member, text);
    char *json = json_dumps(message, JSON_COMPACT);
    char line[256];
    int size = snprintf(line, sizeof line, "%s\n", json);
    free(json);
    json_decref(message);
    ssize_t n;
    do
        n = write(fd, line, size);
    while (n < 0 && errno == EINTR);
    return n == size ? 0 : -1;
}

// ---- Worker ---------------------------------------------------------------------------------

_Noreturn static void work(int orders) {
    FILE *in = fdopen(orders, "r");
    char *line = NULL;
    size_t room = 0;
    if (!in)
        die("fdopen");
    while (getline(&line, &room, in) > 0) {
        const char *text;
        char reply[64];
        json_t *message = json_loads(line, 0, NULL);
        if (message && json_unpack(message, "{s:s}", "message", &text) == 0) {
            printf("Worker %d received message from master: { message: '%s' }\n", getpid(), text);
            fflush(stdout);
            snprintf(reply, sizeof reply, "Hello from worker %d", getpid());
            if (send_line(reports[1], "reply", reply) < 0)
                exit(EXIT_FAILURE); // nobody reads it any more
        }
        json_decref(message);
    }
    exit(EXIT_SUCCESS); // no more orders: the master is gone
}

// ---- Master ---------------------------------------------------------------------------------

// The pipe does not tell who wrote; the reply does.
static void *read_reports(void *unused) {
    FILE *in = fdopen(reports[0], "r");
    char *line = NULL;
    size_t room = 0;
    (void)unused;
    if (!in)
        die("fdopen");
    while (getline(&line, &room, in) > 0) {
        const char *text;
        int pid;
        json_t *message = json_loads(line, 0, NULL);
        if (message && json_unpack(message, "{s:s}", "reply", &text) == 0 &&
            sscanf(text, "Hello from worker %d", &pid) == 1) {
            printf("Master received message from worker %d: { reply: '%s' }\n", pid, text);
            fflush(stdout);
        }
        json_decref(message);
    }
    return NULL;
}

static void start_worker(struct place *place) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        die("pipe2");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(ends[1]);
        close(reports[0]);
        for (long i = 0; i < place_count; i++)
            if (places[i].orders >= 0)
                close(places[i].orders);
        work(ends[0]);
    }
    close(ends[0]);
    *place = (struct place){.pid = pid, .orders = ends[1]};
    send_line(ends[1], "message", "Hello from master"); // EPIPE: it is dead, and wait() will say so
}

int main(void) {
    pthread_t reader;
    signal(SIGPIPE, SIG_IGN);
    place_count = sysconf(_SC_NPROCESSORS_ONLN);
    places = calloc(place_count, sizeof *places);
    if (!places || pipe2(reports, O_CLOEXEC) < 0)
        die("start");
    for (long i = 0; i < place_count; i++)
        places[i].orders = -1;
    for (long i = 0; i < place_count; i++)
        start_worker(&places[i]);
    if (pthread_create(&reader, NULL, read_reports, NULL) != 0)
        die("pthread_create");
    for (;;) {
        pid_t dead = wait(NULL);
        if (dead < 0 && errno != EINTR)
            die("wait");
        for (long i = 0; dead > 0 && i < place_count; i++) {
            if (places[i].pid != dead)
                continue;
            printf("Worker %d died\n", dead);
            fflush(stdout);
            close(places[i].orders);
            places[i].orders = -1;
            start_worker(&places[i]);
        }
    }
}
