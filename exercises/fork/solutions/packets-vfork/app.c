// Two processes, one conversation, design "packets": a socket pair that keeps the borders between
// messages (SOCK_SEQPACKET), a child made by vfork() and exec, and poll() with a time-out in the
// parent, so that a child that says nothing does not hold it for ever.

#define _GNU_SOURCE
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PACKET_MOST = 1024, PATIENCE_MS = 3000 };

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static void say(int channel, const char *member, const char *text) {
    char packet[PACKET_MOST];
    json_t *message = json_pack("{s:s}", member, text);
    size_t length = json_dumpb(message, packet, sizeof packet, 0);
    json_decref(message);
    if (send(channel, packet, length, MSG_NOSIGNAL) < 0)
        die("send");
}

// A packet comes whole or not at all.
static void hear(int channel, const char *who) {
    char packet[PACKET_MOST];
    struct pollfd poll_in = {.fd = channel, .events = POLLIN};
    if (poll(&poll_in, 1, PATIENCE_MS) != 1) {
        fprintf(stderr, "no word from the %s\n", who);
        exit(EXIT_FAILURE);
    }
    ssize_t length = recv(channel, packet, sizeof packet, 0);
    if (length < 0)
        die("recv");
    json_t *message = json_loadb(packet, (size_t)length, 0, NULL);
    if (!message) {
        fprintf(stderr, "not JSON from the %s\n", who);
        exit(EXIT_FAILURE);
    }
    printf("Message from %s: %.*s\n", who, (int)length, packet);
    json_decref(message);
}

int main(int argc, char **argv) {
    int ends[2];
    if (argc > 1) { // the child: its end of the channel is descriptor 0
        hear(STDIN_FILENO, "parent");
        say(STDIN_FILENO, "reply", "Hello from child");
        return EXIT_SUCCESS;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    pid_t child = vfork();
    if (child == 0) {
        if (dup2(ends[1], STDIN_FILENO) == STDIN_FILENO)
            execl("/proc/self/exe", argv[0], "child", (char *)NULL);
        _exit(127);
    }
    if (child < 0)
        die("vfork");
    close(ends[1]);
    say(ends[0], "message", "Hello from parent");
    hear(ends[0], "child");
    int status;
    if (waitpid(child, &status, 0) < 0)
        die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
