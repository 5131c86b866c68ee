/* Three guests come before anybody has called accept(). */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
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

int main(void) {
    int door = open_door();
    for (int i = 1; i <= 3; i++) {
        int guest = guest_at(door);
        dprintf(guest, "soup for guest %d", i);
        printf("guest %d is connected and has ordered\n", i);
    }
    puts("-- and only now does the cook come to the door");
    for (int i = 1; i <= 3; i++) {
        char order[64];
        int connection = accept(door, NULL, NULL);
        ssize_t length = recv(connection, order, sizeof(order), 0);
        printf("accept: %.*s\n", (int)length, order);
        close(connection);
    }
}
