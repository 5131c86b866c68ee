/* A worker dies. What becomes of its guests, and of the one in the queue? */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* The client's end of a new connection to that door, with an order sent. */
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
    send(guest, "soup", 4, 0);
    return guest;
}

/* Takes two guests, reads the order of the first, and falls ill. */
static void work_badly(int door) {
    char order[8];
    int first = accept(door, NULL, NULL);
    recv(first, order, sizeof(order), 0);
    int second = accept(door, NULL, NULL);
    struct pollfd unread = {.fd = second, .events = POLLIN};
    poll(&unread, 1, -1); /* the order is here, but nobody reads it */
    raise(SIGKILL);
}

static void work_well(int door) {
    char order[8];
    int connection = accept(door, NULL, NULL);
    recv(connection, order, sizeof(order), 0);
    dprintf(connection, "here you are");
    _exit(0);
}

static void print_end(int number, int guest) {
    char answer[64];
    ssize_t length = recv(guest, answer, sizeof(answer), 0);
    if (length < 0)
        printf("guest %d: %s\n", number, strerror(errno));
    else if (length == 0)
        printf("guest %d: end of file, and no answer\n", number);
    else
        printf("guest %d: %.*s\n", number, (int)length, answer);
}

int main(void) {
    int door = open_door();
    int first = guest_at(door);
    int second = guest_at(door);
    int third = guest_at(door);

    if (fork() == 0)
        work_badly(door);
    wait(NULL);
    puts("the worker is dead and buried");
    print_end(1, first);
    print_end(2, second);

    puts("-- a new worker starts");
    fflush(stdout);
    if (fork() == 0)
        work_well(door);
    wait(NULL);
    print_end(3, third);
}
