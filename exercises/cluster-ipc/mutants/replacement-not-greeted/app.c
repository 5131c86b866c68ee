// Orders out, reports back, design "pairs-poll".
//
// A socketpair joins the master with each worker: one end each, both ways. Messages are JSON, a
// line each. Neither side trusts a read() to bring a line: what arrives is put into a buffer, and
// what ends with a newline is taken out of it. The master is one poll() over all channels and a
// pipe to itself, into which the handler of SIGCHLD writes.
//
//     master ==socketpair== worker    x N

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Lines of JSON over a stream ------------------------------------------------------------

struct inbox {
    char bytes[1024];
    size_t used;
};

// Takes the message. Returns false if nobody can get it any more.
static bool send_message(int fd, json_t *message) {
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (!text)
        die("json_dumps");
    size_t size = strlen(text), sent = 0;
    text[size++] = '\n'; // over the closing NUL: the size is what counts from here on
    while (sent < size) {
        ssize_t n = send(fd, text + sent, size - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            break;
        sent += n > 0 ? n : 0;
    }
    free(text);
    return sent == size;
}

// Reads once. Returns false at the end of the stream.
static bool fill(struct inbox *inbox, int fd) {
    if (inbox->used == sizeof inbox->bytes)
        inbox->used = 0; // no message of ours is that long
    ssize_t n = read(fd, inbox->bytes + inbox->used, sizeof inbox->bytes - inbox->used);
    if (n > 0)
        inbox->used += n;
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

// The next whole message, or NULL. The caller owns it.
static json_t *take_message(struct inbox *inbox) {
    char *end;
    json_t *message = NULL;
    while (!message && (end = memchr(inbox->bytes, '\n', inbox->used))) {
        size_t size = end - inbox->bytes;
        message = json_loadb(inbox->bytes, size, 0, NULL);
        inbox->used -= size + 1;
        memmove(inbox->bytes, end + 1, inbox->used);
    }
    return message;
}

static void print_message(const char *who, json_t *message) {
    char *text = json_dumps(message, 0);
    printf("%s: %s\n", who, text ? text : "?");
    fflush(stdout);
    free(text);
}

// ---- Worker ---------------------------------------------------------------------------------

static void obey(int channel, json_t *message) {
    char who[64], reply[64];
    if (!json_is_string(json_object_get(message, "message")))
        return;
    snprintf(who, sizeof who, "Worker %d received message from master", getpid());
    print_message(who, message);
    snprintf(reply, sizeof reply, "Hello from worker %d", getpid());
    if (!send_message(channel, json_pack("{s:s}", "reply", reply)))
        exit(EXIT_FAILURE); // the master is gone
}

_Noreturn static void work(int channel) {
    struct inbox inbox = {0};
    while (fill(&inbox, channel)) {
        json_t *message;
        while ((message = take_message(&inbox))) {
            obey(channel, message);
            json_decref(message);
        }
    }
    exit(EXIT_SUCCESS); // no more orders: the master is gone
}

// ---- Master ---------------------------------------------------------------------------------

struct place {
    pid_t pid;
    int channel; // -1: none
    struct inbox inbox;
};

static struct place *places;
static int place_count;
static int wakeup[2]; // written by the handler, read by the loop

static void on_child_died(int signal_number) {
    (void)signal_number;
    int saved = errno;
    ssize_t ignored = write(wakeup[1], "", 1);
    (void)ignored;
    errno = saved;
}

static void start_worker(struct place *place) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    fflush(stdout); // or the child would own a copy of what is still in the buffer
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        signal(SIGCHLD, SIG_DFL);
        close(wakeup[0]);
        close(wakeup[1]);
        close(pair[0]);
        for (int i = 0; i < place_count; i++) // a copy here would hide its owner's death
            if (places[i].channel >= 0)
                close(places[i].channel);
        work(pair[1]);
    }
    close(pair[1]);
    *place = (struct place){.pid = pid, .channel = pair[0]};
}

static void hear(struct place *place) {
    json_t *message;
    bool open = fill(&place->inbox, place->channel);
    while ((message = take_message(&place->inbox))) {
        char who[64];
        snprintf(who, sizeof who, "Master received message from worker %d", place->pid);
        print_message(who, message);
        json_decref(message);
    }
    if (!open) {
        close(place->channel);
        place->channel = -1;
    }
}

static void bury_and_replace(void) {
    char bytes[64];
    while (read(wakeup[0], bytes, sizeof bytes) > 0)
        ; // empty before the question, so that no death goes unnoticed
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) {
        for (int i = 0; i < place_count; i++) {
            if (places[i].pid != dead)
                continue;
            while (places[i].channel >= 0)
                hear(&places[i]); // its last words may still be on the way
            printf("Worker %d died\n", dead);
            start_worker(&places[i]);
        }
    }
}

int main(void) {
    struct sigaction action = {.sa_handler = on_child_died, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    if (pipe2(wakeup, O_NONBLOCK | O_CLOEXEC) < 0 || sigaction(SIGCHLD, &action, NULL) < 0)
        die("SIGCHLD");
    place_count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    places = calloc(place_count, sizeof *places);
    if (!places)
        die("calloc");
    for (int i = 0; i < place_count; i++)
        places[i].channel = -1;
    for (int i = 0; i < place_count; i++)
        start_worker(&places[i]);
    for (int i = 0; i < place_count; i++)
        send_message(places[i].channel, json_pack("{s:s}", "message", "Hello from master"));
    struct pollfd fds[1 + place_count];
    for (;;) {
        fds[0] = (struct pollfd){.fd = wakeup[0], .events = POLLIN};
        for (int i = 0; i < place_count; i++)
            fds[1 + i] = (struct pollfd){.fd = places[i].channel, .events = POLLIN};
        if (poll(fds, 1 + place_count, -1) < 0) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        for (int i = 0; i < place_count; i++)
            if (fds[1 + i].revents)
                hear(&places[i]);
        if (fds[0].revents)
            bury_and_replace();
    }
}
