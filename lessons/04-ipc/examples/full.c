/* A master that only talks, and a worker that answers every word. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 5, ORDERS = 2000 };

/* For each order a report of the same size. send() sleeps when it is full. */
static void work(int master) {
    char order[SIZE];
    while (recv(master, order, SIZE, 0) == SIZE)
        send(master, order, SIZE, 0);
    _exit(0);
}

/* Sends orders until nothing moves for 200 ms. Returns how many went out. */
static int only_talk(int worker) {
    char order[SIZE + 1] = "soup\n";
    struct pollfd events = {.fd = worker, .events = POLLOUT};
    int sent = 0, full = 0;
    while (poll(&events, 1, 200) > 0) {
        while (send(worker, order, SIZE, MSG_DONTWAIT) == SIZE)
            sent++;
        full = errno;
    }
    printf("sent %d orders, then: %s\n", sent, strerror(full));
    return sent;
}

/* Sends when there is room, and reads when there is something to read. */
static void talk_and_listen(int worker, int sent) {
    char order[SIZE + 1] = "soup\n", report[SIZE];
    int heard = 0;
    while (heard < ORDERS || heard < sent) {
        struct pollfd events = {.fd = worker, .events = POLLIN};
        if (sent < ORDERS)
            events.events |= POLLOUT;
        poll(&events, 1, -1);
        if (events.revents & POLLIN)
            heard += recv(worker, report, SIZE, 0) == SIZE;
        if (events.revents & POLLOUT)
            sent += send(worker, order, SIZE, MSG_DONTWAIT) == SIZE;
    }
    printf("sent %d, heard %d\n", sent, heard);
}

int main(void) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) < 0) {
        perror("socketpair");
        return 1;
    }
    if (fork() == 0) {
        close(channel[0]);
        work(channel[1]);
    }
    close(channel[1]);

    int sent = only_talk(channel[0]);
    puts("for 200 ms nothing moves: each waits for the other to read");
    puts("-- the master begins to listen");
    talk_and_listen(channel[0], sent);
    close(channel[0]);
    wait(NULL);
}
