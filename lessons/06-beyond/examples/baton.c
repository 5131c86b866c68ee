/* A program becomes another program, and keeps the door open. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A listening socket on a free port. Not close-on-exec: it must survive. */
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

/* A guest, as a process: comes to the door, waits, tells what it got. */
static void start_guest(int door) {
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    int guest = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (guest < 0 ||
        getsockname(door, (struct sockaddr *)&address, &size) < 0 ||
        connect(guest, (struct sockaddr *)&address, size) < 0) {
        perror("guest");
        exit(1);
    }
    if (fork() == 0) {
        char soup[64];
        ssize_t length = recv(guest, soup, sizeof(soup), 0);
        printf("guest: %.*s\n", (int)length, soup);
        fflush(stdout);
        _exit(0);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) { /* version 1 */
        int door = open_door();
        start_guest(door);
        printf("process %d, version 1: a guest waits at the door\n",
               getpid());
        fflush(stdout);
        char number[16];
        snprintf(number, sizeof(number), "%d", door);
        execl("/proc/self/exe", argv[0], number, (char *)NULL);
        perror("exec");
        return 1;
    }

    int door = atoi(argv[1]); /* version 2 */
    printf("process %d, version 2: has the door, as descriptor %d\n",
           getpid(), door);
    fflush(stdout);
    int connection = accept(door, NULL, NULL);
    dprintf(connection, "soup, by the recipe of version 2");
    close(connection);
    wait(NULL);
}
