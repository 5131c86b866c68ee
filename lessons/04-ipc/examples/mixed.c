/* Two workers speak in pieces, and the pieces come in between each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 2, PIECES = 4 };

/* Who sends what, in the order of sending. A newline ends a message. */
static const struct {
    int who;
    const char *text;
} piece[PIECES] = {
    {0, "{\"soup\":"},
    {1, "{\"fish\": 2}\n{\"sal"},
    {0, " 1}\n"},
    {1, "ad\": 3}\n"},
};

struct inbox {
    char text[256];
    size_t length;
};

/* Prints all the messages that are complete; keeps what is not. */
static void cut(struct inbox *inbox) {
    char *end;
    while ((end = memchr(inbox->text, '\n', inbox->length)) != NULL) {
        size_t size = (size_t)(end - inbox->text) + 1;
        printf("  message: %.*s", (int)size, inbox->text);
        memmove(inbox->text, end + 1, inbox->length - size);
        inbox->length -= size;
    }
}

/* Reads once from a channel, and adds what comes to an inbox. */
static void hear(int channel, struct inbox *inbox) {
    ssize_t length = recv(channel, inbox->text + inbox->length,
                          sizeof(inbox->text) - inbox->length, 0);
    if (length > 0)
        inbox->length += (size_t)length;
    cut(inbox);
}

/* Sends its next piece whenever it is given a sign. */
static void work(int who, int master) {
    char sign;
    for (int i = 0; i < PIECES; i++)
        if (piece[i].who == who && recv(master, &sign, 1, 0) == 1)
            send(master, piece[i].text, strlen(piece[i].text), 0);
    _exit(0);
}

static void listen_with(int inboxes) {
    struct inbox inbox[WORKERS] = {0};
    int channel[WORKERS][2];
    fflush(stdout);
    for (int i = 0; i < WORKERS; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel[i]) < 0) {
            perror("socketpair");
            exit(1);
        }
        if (fork() == 0)
            work(i, channel[i][1]);
    }
    for (int i = 0; i < PIECES; i++) {
        int who = piece[i].who;
        send(channel[who][0], "!", 1, 0);
        hear(channel[who][0], &inbox[who % inboxes]);
    }
    while (wait(NULL) > 0)
        ;
}

int main(void) {
    puts("one inbox for both channels");
    listen_with(1);
    puts("an inbox for each channel");
    listen_with(WORKERS);
}
