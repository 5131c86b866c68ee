// A mutant: a worker that went home is taken for a dead one.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PORT = 8000,
    PATIENCE_MS = 10000, // for a client that says nothing
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

static int curfew[2]; // readable, at its end, once the worker is to close
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_left = PTHREAD_COND_INITIALIZER;
static int guests;
static volatile sig_atomic_t told_to_close;

static void on_term(int signal) {
    (void)signal;
    told_to_close = 1;
}

// Waits for bytes of the client. An idle one is not waited for any more after the curfew.
static ssize_t next_bytes(int client, char *into, size_t room, bool is_idle) {
    struct pollfd fds[] = {{.fd = client, .events = POLLIN},
                           {.fd = is_idle ? curfew[0] : -1, .events = POLLIN}};
    int n;
    do
        n = poll(fds, 2, PATIENCE_MS);
    while (n < 0 && errno == EINTR);
    if (n <= 0 || fds[0].revents == 0)
        return 0;
    return recv(client, into, room, 0);
}

static bool answer(int client, bool stays) {
    char body[64], text[256];
    int body_size = snprintf(body, sizeof body, "Handled by worker %d\n", getpid());
    int size = snprintf(text, sizeof text,
                        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s",
                        body_size, stays ? "keep-alive" : "close", body);
    return send(client, text, size, MSG_NOSIGNAL) == size;
}

static void serve(int client) {
    char request[2048];
    size_t used = 0;
    bool stays = true, is_idle = false;
    while (stays) {
        ssize_t n = next_bytes(client, request + used, sizeof request - 1 - used, is_idle);
        if (n <= 0)
            return;
        used += n;
        request[used] = '\0';
        is_idle = false;
        char *end = strstr(request, "\r\n\r\n");
        if (!end)
            continue;
        stays = !strcasestr(request, "connection: close");
        if (!answer(client, stays))
            return;
        used = 0; // we take it that a client asks again only after the answer
        is_idle = true;
    }
}

static void *look_after(void *argument) {
    int client = (int)(intptr_t)argument;
    serve(client);
    close(client);
    pthread_mutex_lock(&lock);
    guests--;
    pthread_cond_signal(&one_left);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void welcome(int client) {
    pthread_t thread;
    pthread_mutex_lock(&lock);
    guests++;
    pthread_mutex_unlock(&lock);
    int code = pthread_create(&thread, NULL, look_after, (void *)(intptr_t)client);
    if (code != 0) {
        errno = code;
        die("pthread_create");
    }
    pthread_detach(thread);
}

// SIGTERM is blocked here, in all threads, but for the time in ppoll().
_Noreturn static void work(int listener) {
    sigset_t open;
    sigprocmask(SIG_SETMASK, NULL, &open);
    sigdelset(&open, SIGTERM);
    if (pipe2(curfew, O_CLOEXEC) < 0)
        die("pipe2");
    while (!told_to_close) {
        struct pollfd door = {.fd = listener, .events = POLLIN};
        if (ppoll(&door, 1, NULL, &open) <= 0)
            continue;
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            welcome(client);
    }
    close(listener);
    close(curfew[1]);
    pthread_mutex_lock(&lock);
    while (guests > 0)
        pthread_cond_wait(&one_left, &lock);
    exit(EXIT_SUCCESS);
}

// ---- Master ---------------------------------------------------------------------------------

static pid_t *workers;
static long worker_count, alive;
static int listener;
static int bell[2];
static bool closing;

static void ring(int signal) {
    int saved = errno;
    unsigned char number = (unsigned char)signal;
    if (write(bell[1], &number, 1) < 0) {
        // the pipe is full: there is enough to read already
    }
    errno = saved;
}

static void start_worker(long at) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before); // the child must not ring our bell
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(bell[0]);
        close(bell[1]);
        signal(SIGCHLD, SIG_DFL);
        sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
        sigaddset(&before, SIGTERM); // until ppoll() lets it in
        sigprocmask(SIG_SETMASK, &before, NULL);
        work(listener);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    workers[at] = pid;
    alive++;
}

static void reap(void) {
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0)
        for (long i = 0; i < worker_count; i++)
            if (workers[i] == dead) {
                workers[i] = 0;
                alive--;
                start_worker(i);
            }
}

static void close_the_house(void) {
    if (closing)
        return;
    closing = true;
    for (long i = 0; i < worker_count; i++)
        if (workers[i] > 0)
            kill(workers[i], SIGTERM);
}

static void open_door(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, SOMAXCONN) < 0)
        die("port 8000");
}

int main(void) {
    worker_count = sysconf(_SC_NPROCESSORS_ONLN);
    workers = calloc(worker_count, sizeof *workers);
    if (!workers || pipe2(bell, O_CLOEXEC) < 0)
        die("pipe2");
    fcntl(bell[1], F_SETFL, O_NONBLOCK); // a handler must never wait
    open_door();
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = ring, .sa_flags = SA_RESTART}, NULL);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = ring, .sa_flags = SA_RESTART}, NULL);
    for (long i = 0; i < worker_count; i++)
        start_worker(i);
    printf("Master %d is running\n", getpid());
    fflush(stdout);
    while (!closing || alive > 0) {
        unsigned char number;
        ssize_t n = read(bell[0], &number, 1);
        if (n < 0 && errno != EINTR)
            die("read");
        if (n == 1 && number == SIGTERM)
            close_the_house();
        if (n == 1 && number == SIGCHLD)
            reap();
    }
    return EXIT_SUCCESS;
}
