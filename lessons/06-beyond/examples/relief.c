/* The shift changes: first the new worker, then goodbye to the old one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
    pid_t pid;
    int channel; /* the master's end */
    const char *recipe;
};

/* Says "ready" when it can serve. Serves until the channel ends. */
static void work(int master, const char *recipe, int broken) {
    char order[8];
    if (broken)
        _exit(1); /* a typing error in its settings, perhaps */
    dprintf(master, "ready");
    while (recv(master, order, sizeof(order), 0) > 0)
        dprintf(master, "soup, by the %s recipe", recipe);
    _exit(0);
}

static struct worker hire(const char *recipe, int broken, int other) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) < 0) {
        perror("socketpair");
        exit(1);
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(channel[0]);
        if (other >= 0)
            close(other);
        work(channel[1], recipe, broken);
    }
    close(channel[1]);
    return (struct worker){pid, channel[0], recipe};
}

static int is_ready(struct worker *worker) {
    char word[8]; /* end of file: it has died before */
    return recv(worker->channel, word, sizeof(word), 0) > 0;
}

static void dismiss(struct worker *worker) {
    int status;
    close(worker->channel);
    waitpid(worker->pid, &status, 0);
    printf("  the %s worker left with code %d\n", worker->recipe,
           WEXITSTATUS(status));
}

/* Puts a new worker in the place of the present one, if it is any good. */
static void reload(struct worker *present, const char *recipe,
                   int broken) {
    struct worker fresh = hire(recipe, broken, present->channel);
    if (!is_ready(&fresh)) {
        dismiss(&fresh);
        printf("  the %s worker stays\n", present->recipe);
        return;
    }
    printf("  the %s worker is ready\n", recipe);
    dismiss(present);
    *present = fresh;
}

static void serve_a_guest(struct worker *worker) {
    char soup[64];
    send(worker->channel, "soup?", 5, MSG_NOSIGNAL);
    ssize_t length = recv(worker->channel, soup, sizeof(soup), 0);
    printf("  guest: %.*s\n", (int)length, soup);
}

int main(void) {
    struct worker worker = hire("old", 0, -1);
    if (!is_ready(&worker))
        return 1;

    puts("reload, but the new version is broken");
    reload(&worker, "new", 1);
    serve_a_guest(&worker);

    puts("reload with a version that works");
    reload(&worker, "new", 0);
    serve_a_guest(&worker);
    dismiss(&worker);
}
