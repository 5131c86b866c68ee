/* Three workers, three channels: who said it, and who is gone. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3 };

static struct {
    pid_t pid;
    int channel; /* the master's end, or -1 */
} place[WORKERS];

/* A worker. It does what it is told until nobody can tell it anything. */
static void work(int master, int falls_ill) {
    char order[64];
    while (recv(master, order, sizeof(order), 0) > 0) {
        dprintf(master, "the soup is ready\n");
        if (falls_ill)
            raise(SIGKILL);
    }
    _exit(0);
}

static void hire(int i, int falls_ill) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) < 0) {
        perror("socketpair");
        exit(1);
    }
    place[i].pid = fork();
    if (place[i].pid == 0) {
        close(channel[0]);
        for (int other = 0; other < i; other++)
            close(place[other].channel); /* heirs.c shows why */
        work(channel[1], falls_ill);
    }
    close(channel[1]);
    place[i].channel = channel[0];
}

/* Reads what one channel has to say. False at its end. */
static int hear(int i) {
    char report[64];
    ssize_t length = recv(place[i].channel, report, sizeof(report), 0);
    if (length > 0) {
        printf("place %d: %.*s", i, (int)length, report);
        return 1;
    }
    printf("place %d: end of file, worker %d is gone\n", i, place[i].pid);
    close(place[i].channel);
    place[i].channel = -1;
    return 0;
}

int main(void) {
    for (int i = 0; i < WORKERS; i++)
        hire(i, i == 1);
    for (int i = 0; i < WORKERS; i++)
        dprintf(place[i].channel, "soup!\n");

    for (int reports = 0, ends = 0; reports < WORKERS || ends < 1;) {
        struct pollfd events[WORKERS];
        for (int i = 0; i < WORKERS; i++)
            events[i] = (struct pollfd){place[i].channel, POLLIN, 0};
        poll(events, WORKERS, -1);
        for (int i = 0; i < WORKERS; i++)
            if (events[i].revents != 0) {
                if (hear(i))
                    reports++;
                else
                    ends++;
            }
    }

    for (int i = 0; i < WORKERS; i++)
        if (place[i].channel >= 0)
            close(place[i].channel); /* "go home" */
    while (wait(NULL) > 0)
        ;
}
