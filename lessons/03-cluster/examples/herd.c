/* Four workers wait for the door with poll(). One guest comes. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 4 };

/* A listening socket, not blocking, on a free port of this machine. */
static int open_door(void) {
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
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

/* A worker, with a line to its master. Ends with 0 if it got the guest. */
static void work(int door, int master) {
    struct pollfd doors = {.fd = door, .events = POLLIN};
    poll(&doors, 1, -1);
    send(master, "awake", 1, 0);
    char go; /* nobody moves before all have been counted */
    recv(master, &go, 1, 0);

    int connection = accept(door, NULL, NULL);
    if (connection < 0)
        printf("accept: %s\n", strerror(errno));
    fflush(stdout);
    _exit(connection < 0);
}

int main(void) {
    int door = open_door(), line[WORKERS][2];
    for (int i = 0; i < WORKERS; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, line[i]) < 0) {
            perror("socketpair");
            return 1;
        }
        if (fork() == 0)
            work(door, line[i][1]);
    }

    char awake;
    guest_at(door);
    for (int i = 0; i < WORKERS; i++)
        recv(line[i][0], &awake, 1, 0);
    printf("1 guest came, %d workers woke up\n", WORKERS);
    fflush(stdout);
    for (int i = 0; i < WORKERS; i++)
        send(line[i][0], "go", 1, 0);

    int status, lucky = 0;
    while (wait(&status) > 0)
        lucky += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    printf("%d got the guest, %d got up in vain\n", lucky,
           WORKERS - lucky);
}
