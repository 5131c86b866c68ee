/* Worker 2 dies and is replaced. Does the newcomer know the menu? */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 2, SIZE = 64 };

static struct {
    pid_t pid;
    int channel; /* the master's end */
} place[WORKERS];

/* The master's memory of what it has told its workers. */
static char last_menu[SIZE];

/* SOCK_SEQPACKET keeps each message whole: one send, one recv. */
static void work(int master) {
    char order[SIZE], menu[SIZE] = "no idea";
    ssize_t length;
    while ((length = recv(master, order, SIZE - 1, 0)) > 0) {
        order[length] = '\0';
        if (strcmp(order, "?") == 0)
            send(master, menu, strlen(menu), 0);
        else
            strcpy(menu, order);
    }
    _exit(0);
}

static void hire(int i) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) < 0) {
        perror("socketpair");
        exit(1);
    }
    fflush(stdout);
    place[i].pid = fork();
    if (place[i].pid == 0) {
        close(channel[0]);
        for (int other = 0; other < WORKERS; other++)
            if (other != i && place[other].channel > 0)
                close(place[other].channel);
        work(channel[1]);
    }
    close(channel[1]);
    place[i].channel = channel[0];
}

static void tell(int i, const char *menu) {
    send(place[i].channel, menu, strlen(menu), MSG_NOSIGNAL);
}

static void ask_all(void) {
    char menu[SIZE];
    for (int i = 0; i < WORKERS; i++) {
        tell(i, "?");
        ssize_t length = recv(place[i].channel, menu, SIZE, 0);
        printf("  worker %d: %.*s\n", place[i].pid, (int)length, menu);
    }
}

static void replace(int i) {
    kill(place[i].pid, SIGKILL);
    waitpid(place[i].pid, NULL, 0);
    close(place[i].channel);
    hire(i);
}

int main(void) {
    for (int i = 0; i < WORKERS; i++)
        hire(i);

    puts("today: fish");
    strcpy(last_menu, "fish");
    for (int i = 0; i < WORKERS; i++)
        tell(i, last_menu);
    ask_all();

    puts("a worker is replaced");
    replace(1);
    ask_all();

    puts("a worker is replaced, and told what it has missed");
    replace(1);
    tell(1, last_menu);
    ask_all();

    for (int i = 0; i < WORKERS; i++)
        close(place[i].channel);
    while (wait(NULL) > 0)
        ;
}
