/* The last holder of the door closes it. Who is still in the queue? */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listening socket, not blocking, on a free port of this machine. */
static int open_door(struct sockaddr_in *address) {
    socklen_t size = sizeof(*address);
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (door < 0 || bind(door, (struct sockaddr *)address, size) < 0 ||
        listen(door, 16) < 0 ||
        getsockname(door, (struct sockaddr *)address, &size) < 0) {
        perror("door");
        exit(1);
    }
    return door;
}

/* The client's end of a new connection, or -1. */
static int guest_at(const struct sockaddr_in *address) {
    int guest = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(guest, (const struct sockaddr *)address,
                sizeof(*address))) {
        int why = errno;
        close(guest);
        errno = why;
        return -1;
    }
    send(guest, "soup?", 5, 0);
    return guest;
}

static void serve(int connection) {
    char order[8];
    recv(connection, order, sizeof(order), 0);
    send(connection, "gets the soup", 13, 0);
    close(connection);
}

static void tell_of(const char *who, int guest) {
    char answer[32] = "end of file";
    if (guest < 0 || recv(guest, answer, sizeof(answer) - 1, 0) < 0)
        strcpy(answer, strerror(errno));
    printf("  %s: %s\n", who, answer);
    close(guest);
}

static void closing_time(int empty_the_queue) {
    struct sockaddr_in address;
    int door = open_door(&address);
    int early = guest_at(&address), late = guest_at(&address);
    int in_hand = accept(door, NULL, NULL);

    /* SIGTERM: */
    int connection;
    while (empty_the_queue && (connection = accept(door, NULL, NULL)) >= 0)
        serve(connection);
    close(door);
    serve(in_hand);

    tell_of("in hand", early);
    tell_of("in the queue", late);
    tell_of("comes later", guest_at(&address));
}

int main(void) {
    puts("close the door, finish what is in hand");
    closing_time(0);
    puts("empty the queue, close the door, finish");
    closing_time(1);
}
