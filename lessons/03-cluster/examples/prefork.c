/* One port, three workers, four guests. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, GUESTS = WORKERS + 1 };

/* A listening socket on a free port of this machine. */
static int open_door(void) {
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int door = socket(AF_INET, SOCK_STREAM, 0);
    if (door < 0 ||
        bind(door, (struct sockaddr *)&here, sizeof(here)) < 0 ||
        listen(door, 16) < 0) {
        perror("door");
        exit(1);
    }
    return door;
}

/* The client's end of a new connection to that door. */
static int guest_at(int door) {
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    int guest = socket(AF_INET, SOCK_STREAM, 0);
    if (guest < 0 ||
        getsockname(door, (struct sockaddr *)&address, &size) < 0 ||
        connect(guest, (struct sockaddr *)&address, size) < 0) {
        perror("guest");
        exit(1);
    }
    return guest;
}

/* A worker: one guest at a time, from hello to goodbye. */
static void work(int door) {
    for (;;) {
        int connection = accept(door, NULL, NULL);
        if (connection < 0)
            continue;
        char order[64];
        dprintf(connection, "worker %d takes your order", getpid());
        recv(connection, order, sizeof(order), 0); /* may take long */
        close(connection);
    }
}

static void print_hello(int number, int guest) {
    char hello[64];
    ssize_t length = recv(guest, hello, sizeof(hello), 0);
    printf("guest %d: %.*s\n", number, (int)length, hello);
}

int main(void) {
    int door = open_door(); /* before fork: every worker has a copy */
    pid_t worker[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        worker[i] = fork();
        if (worker[i] == 0)
            work(door);
    }

    int guest[GUESTS];
    for (int i = 0; i < GUESTS; i++)
        guest[i] = guest_at(door);
    for (int i = 0; i < WORKERS; i++)
        print_hello(i + 1, guest[i]);
    struct pollfd last = {.fd = guest[GUESTS - 1], .events = POLLIN};
    const char *heard = poll(&last, 1, 0) ? "a word" : "nothing";
    printf("guest 4: connected, has heard %s\n", heard);

    puts("-- guest 1 orders and goes");
    dprintf(guest[0], "soup");
    print_hello(4, guest[3]);

    for (int i = 0; i < WORKERS; i++)
        kill(worker[i], SIGTERM);
    while (wait(NULL) > 0)
        ;
}
