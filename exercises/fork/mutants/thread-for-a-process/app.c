// A thread in the child's place.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

static void hear(int channel, const char *who) {
    char line[256];
    ssize_t n = read(channel, line, sizeof line);
    if (n < 0)
        exit(EXIT_FAILURE);
    printf("Message from %s: %.*s", who, (int)n, line);
}

static void *be_child(void *unused) {
    (void)unused;
    hear(ends[1], "parent");
    dprintf(ends[1], "{\"reply\": \"Hello from child\"}\n");
    return NULL;
}

int main(void) {
    pthread_t child;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ||
        pthread_create(&child, NULL, be_child, NULL) != 0)
        return EXIT_FAILURE;
    dprintf(ends[0], "{\"message\": \"Hello from parent\"}\n");
    hear(ends[0], "child");
    pthread_join(child, NULL);
    return EXIT_SUCCESS;
}
