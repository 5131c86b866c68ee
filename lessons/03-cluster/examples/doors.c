/* Guests wait and a worker dies: with one door, then with a door each. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUESTS = 32 };

/* A listening socket that shares its port (0: any free one) with others. */
static int open_door(in_port_t port) {
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, door = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_port = port;
    if (door < 0 ||
        setsockopt(door, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0 ||
        bind(door, (struct sockaddr *)&here, sizeof(here)) < 0 ||
        listen(door, GUESTS) < 0) {
        perror("door");
        exit(1);
    }
    return door;
}

static struct sockaddr_in address_of(int door) {
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    getsockname(door, (struct sockaddr *)&address, &size);
    return address;
}

/* The client's end of a new connection to that port. */
static int guest_at(struct sockaddr_in address) {
    int guest = socket(AF_INET, SOCK_STREAM, 0);
    if (guest < 0 ||
        connect(guest, (struct sockaddr *)&address, sizeof(address)) < 0) {
        perror("guest");
        exit(1);
    }
    return guest;
}

static pid_t hire(int door, int other_door, int serves) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (other_door != door)
        close(other_door);
    while (serves) {
        int connection = accept(door, NULL, NULL);
        send(connection, "soup", 4, 0);
        close(connection);
    }
    for (;;)
        pause();
}

static void lunch(int first, int second) {
    int guest[GUESTS], served = 0, reset = 0;
    struct sockaddr_in address = address_of(first);
    for (int i = 0; i < GUESTS; i++)
        guest[i] = guest_at(address);

    pid_t doomed = hire(first, second, 0);
    pid_t survivor = hire(second, first, 1);
    close(first);
    if (second != first)
        close(second);
    kill(doomed, SIGKILL); /* before it has accepted anybody */
    waitpid(doomed, NULL, 0);

    for (int i = 0; i < GUESTS; i++) {
        char soup[8];
        if (recv(guest[i], soup, sizeof(soup), 0) > 0)
            served++;
        else
            reset++;
        close(guest[i]);
    }
    if (reset == 0)
        printf("  all %d were served\n", served);
    else
        printf("  served: %d guests, reset: %d guests\n", served, reset);
    kill(survivor, SIGTERM);
    waitpid(survivor, NULL, 0);
}

int main(void) {
    puts("one door for both workers");
    fflush(stdout);
    int door = open_door(0);
    lunch(door, door);

    puts("a door for each, on one port");
    fflush(stdout);
    int first = open_door(0);
    int second = open_door(address_of(first).sin_port);
    lunch(first, second);
}
