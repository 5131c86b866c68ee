// A mutant: fork and exec instead of exec: a new PID.

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
    LONGEST_LIST = 4096,
};

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

// ---- Worker ---------------------------------------------------------------------------------

static int curfew[2]; // readable, at its end, once the worker is to go
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_left = PTHREAD_COND_INITIALIZER;
static int guests;
static volatile sig_atomic_t told_to_go;

static void on_term(int signal) {
    (void)signal;
    told_to_go = 1;
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
        if (!strstr(request, "\r\n\r\n"))
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
    while (!told_to_go) {
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

static sigset_t held; // SIGHUP, SIGCHLD and SIGTERM are blocked, and taken by sigwaitinfo()
static int listener;
static long worker_count;
static pid_t *workers;

static pid_t start_worker(void) {
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return pid;
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
    sigprocmask(SIG_SETMASK, &term, NULL);
    work(listener);
}

static void reap(void) {
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0)
        for (long i = 0; i < worker_count; i++)
            if (workers[i] == dead)
                workers[i] = start_worker(); // those of the old set are not in the table
}

static void put_number(const char *name, int number) {
    char text[32];
    snprintf(text, sizeof text, "%d", number);
    if (setenv(name, text, 1) < 0)
        die("setenv");
}

static void become_new(char **argv) {
    char list[LONGEST_LIST] = "";
    for (long i = 0; i < worker_count; i++)
        sprintf(list + strlen(list), "%d ", workers[i]);
    put_number("LISTENER", listener);
    if (setenv("OLD_WORKERS", list, 1) < 0)
        die("setenv");
    fcntl(listener, F_SETFD, 0); // it is to live on
    if (fork() > 0)
        exit(EXIT_SUCCESS);
    execv("/proc/self/exe", argv);
    perror("execv"); // then the old program goes on
    fcntl(listener, F_SETFD, FD_CLOEXEC);
}

static void send_old_away(void) {
    char *list = getenv("OLD_WORKERS");
    for (char *word = strtok(list, " "); word; word = strtok(NULL, " "))
        kill(atoi(word), SIGTERM);
}

static void open_door(void) {
    const char *inherited = getenv("LISTENER");
    if (inherited) {
        listener = atoi(inherited);
        fcntl(listener, F_SETFD, FD_CLOEXEC);
        return;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, SOMAXCONN) < 0)
        die("port 8000");
}

int main(int argc, char **argv) {
    (void)argc;
    sigemptyset(&held);
    sigaddset(&held, SIGHUP);
    sigaddset(&held, SIGCHLD);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, NULL); // they stay blocked over execve(), and pending too
    sigdelset(&held, SIGTERM);
    worker_count = sysconf(_SC_NPROCESSORS_ONLN);
    workers = calloc(worker_count, sizeof *workers);
    if (!workers)
        die("calloc");
    open_door();
    printf("Master %d is running\n", getpid());
    fflush(stdout);
    for (long i = 0; i < worker_count; i++)
        workers[i] = start_worker();
    if (getenv("OLD_WORKERS"))
        send_old_away();
    reap(); // who died before execve() has rung already
    for (;;) {
        int signal = sigwaitinfo(&held, NULL);
        if (signal == SIGHUP)
            become_new(argv);
        else if (signal == SIGCHLD)
            reap();
    }
}
