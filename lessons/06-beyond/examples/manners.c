/* SIGTERM comes while the soup is on the stove. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t leaving;

static void on_term(int number) {
    (void)number;
    leaving = 1;
}

/* Serves until it is asked to leave. */
static void work(int guest, int stove, int polite) {
    struct sigaction action = {.sa_handler = on_term};
    action.sa_flags = SA_RESTART; /* go on with the recv below */
    if (polite)
        sigaction(SIGTERM, &action, NULL);
    char order[8];
    while (!leaving && recv(guest, order, sizeof(order), 0) > 0) {
        send(stove, "on", 2, 0);
        recv(stove, order, 1, 0); /* the soup is ready */
        send(guest, "soup", 4, 0);
    }
    _exit(0);
}

static void evening(int polite) {
    int guest[2], stove[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, guest) < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, stove) < 0) {
        perror("socketpair");
        exit(1);
    }
    fflush(stdout);
    pid_t worker = fork();
    if (worker == 0) {
        close(guest[0]);
        close(stove[0]);
        work(guest[1], stove[1], polite);
    }
    close(guest[1]);
    close(stove[1]);

    char text[8];
    send(guest[0], "soup?", 5, 0);
    recv(stove[0], text, sizeof(text), 0); /* it is on the stove */
    kill(worker, SIGTERM);
    send(stove[0], "!", 1, MSG_NOSIGNAL); /* it is ready */
    ssize_t length = recv(guest[0], text, sizeof(text), 0);
    printf("  guest: %s\n", length > 0 ? "gets the soup" : "end of file");

    int status;
    waitpid(worker, &status, 0);
    if (WIFSIGNALED(status))
        printf("  worker: killed (%s)\n", strsignal(WTERMSIG(status)));
    else
        printf("  worker: left with code %d\n", WEXITSTATUS(status));
    close(guest[0]);
    close(stove[0]);
}

int main(void) {
    puts("a worker that has never heard of SIGTERM");
    evening(0);
    puts("a worker that finishes what it has begun");
    evening(1);
}
