// A hundred messages, design "packets": a SOCK_SEQPACKET pair keeps the borders between messages, so
// nothing needs to be put together or taken apart. A packet comes whole or not at all, which means
// that it must fit into the socket's buffer (some 200 KB) and into ours.

#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PACKET_MOST = 200000 };

static char packet[PACKET_MOST];

static void die(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static void send_packet(int channel, json_t *message) {
    size_t length = json_dumpb(message, packet, sizeof packet, JSON_COMPACT);
    json_decref(message);
    while (send(channel, packet, length, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            die("send");
}

// NULL when the other side has closed its end.
static json_t *receive_packet(int channel) {
    ssize_t length;
    do
        length = recv(channel, packet, sizeof packet, 0);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        die("recv");
    return length ? json_loadb(packet, (size_t)length, 0, NULL) : NULL;
}

static int be_child(int channel) {
    json_t *message;
    while ((message = receive_packet(channel))) {
        json_t *answer = json_object();
        json_object_set(answer, "id", json_object_get(message, "id"));
        json_object_set_new(
            answer, "length",
            json_integer((json_int_t)json_string_length(json_object_get(message, "text"))));
        json_decref(message);
        send_packet(channel, answer);
    }
    return EXIT_SUCCESS;
}

static void send_next(int channel, int id, int size) {
    int length = id % 10 ? id : size;
    char *text = malloc((size_t)length + 1);
    memset(text, 'a' + id % 26, (size_t)length);
    text[length] = '\0';
    send_packet(channel, json_pack("{s:i, s:s}", "id", id, "text", text));
    free(text);
}

static void hear_answer(int channel) {
    json_t *answer = receive_packet(channel);
    json_int_t id, length;
    if (json_unpack(answer, "{s:I, s:I}", "id", &id, "length", &length) < 0)
        exit(EXIT_FAILURE);
    printf("Answer %lld: %lld\n", (long long)id, (long long)length);
    json_decref(answer);
}

// epoll says whether there is room for a message, or an answer to be heard.
static void talk(int channel, int count, int size) {
    int epoll = epoll_create1(EPOLL_CLOEXEC), sent = 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, channel, &event) < 0)
        die("epoll");
    for (int heard = 0; heard < count;) {
        int ready = epoll_wait(epoll, &event, 1, -1);
        if (ready < 0 && errno != EINTR)
            die("epoll_wait");
        if (ready > 0 && event.events & EPOLLIN) {
            hear_answer(channel);
            heard++;
        } else if (ready > 0 && event.events & EPOLLOUT) {
            send_next(channel, ++sent, size);
            event.events = sent < count ? EPOLLIN | EPOLLOUT : EPOLLIN;
            epoll_ctl(epoll, EPOLL_CTL_MOD, channel, &event);
        }
    }
    close(epoll);
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 100, size = argc > 2 ? atoi(argv[2]) : 100000, ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
        die("socketpair");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    close(ends[child == 0 ? 0 : 1]);
    if (child == 0)
        return be_child(ends[1]);
    talk(ends[0], count, size);
    close(ends[0]);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
