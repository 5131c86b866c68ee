/* Scenes of talk: messages over channels, requests over connections. See scenes.h. */
#include "scenes.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

/* --- messages ------------------------------------------------------------------------------- */

static int ends[2];

static pid_t channel(int type, size_t count, size_t at_once) {
    if (type ? socketpair(AF_UNIX, type, 0, ends) : pipe(ends))
        _exit(99);
    pid_t pid = reader(ends[0], ends[1], count, at_once);
    close(ends[0]);
    say("child", pid);
    return pid;
}

static void done(pid_t pid) {
    close(ends[1]);
    waitpid(pid, NULL, 0);
}

static void scene_one(void) {
    pid_t pid = channel(0, 9, 100);
    put(ends[1], "{\"n\": 1}\n");
    done(pid);
}

static void scene_three_writes(void) {
    pid_t pid = channel(SOCK_STREAM, 8, 100);
    put(ends[1], "{\"n\"");
    put(ends[1], ":1");
    put(ends[1], "}\n");
    done(pid);
}

static void scene_joined(void) {
    pid_t pid = channel(SOCK_STREAM, 16, 100);
    put(ends[1], "{\"n\":1}\n{\"n\":2}\n");
    done(pid);
}

static void scene_bytewise(void) {
    pid_t pid = channel(0, 8, 1);
    put(ends[1], "{\"n\":1}\n");
    done(pid);
}

static void scene_writers(void) {
    enum { WRITERS = 5, EACH = 40 };
    pid_t pid = channel(0, WRITERS * EACH * 10, 100);
    for (int i = 0; i < WRITERS; i++) {
        if (fork())
            continue;
        char text[32];
        for (int n = 0; n < EACH; n++) {
            snprintf(text, sizeof text, "[%d,%d,0]\n", i, 100 + n);
            put(ends[1], text);
        }
        _exit(0);
    }
    close(ends[1]);
    while (wait(NULL) > 0)
        continue;
    say("messages", WRITERS * EACH);
    (void)pid;
}

static void scene_selfpipe(void) {
    char bytes[8];
    if (pipe(ends) < 0)
        _exit(99);
    put(ends[1], "wake\n");
    if (read(ends[0], bytes, sizeof bytes) != 5)
        _exit(99);
    say("read", 5);
}

static void scene_unterminated(void) {
    pid_t pid = channel(0, 7, 100);
    put(ends[1], "{\"n\":1}");
    done(pid);
}

static void scene_words(void) {
    pid_t pid = channel(0, 10, 100);
    put(ends[1], "not json\n\xff\n");
    done(pid);
}

static void scene_vectors(void) {
    pid_t pid = channel(SOCK_STREAM, 16, 100);
    struct iovec parts[] = {{"{\"n\"", 4}, {":1}\n", 4}};
    if (writev(ends[1], parts, 2) != 8)
        _exit(99);
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (sendmsg(ends[1], &message, 0) != 8)
        _exit(99);
    done(pid);
}

static void scene_many_at_once(void) {
    pid_t pid = channel(SOCK_DGRAM, 10, 100);
    struct iovec first = {"[1]", 3}, second = {"[2]", 3}, third = {"[34]", 4};
    struct mmsghdr messages[3] = {{.msg_hdr = {.msg_iov = &first, .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &second, .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &third, .msg_iovlen = 1}}};
    if (sendmmsg(ends[1], messages, 3, 0) != 3)
        _exit(99);
    done(pid);
}

static void scene_packets(void) {
    pid_t pid = channel(SOCK_SEQPACKET, 6, 100);
    put(ends[1], "[1]");
    put(ends[1], "[2]");
    done(pid);
}

/* Three ways to address a datagram elsewhere; what stays in the pair is one byte each time. */
static void scene_astray(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address.sun_family; /* the kernel finds a name, unix(7) */
    pid_t pid = channel(SOCK_DGRAM, 2, 100);
    int elsewhere = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (bind(elsewhere, (struct sockaddr *)&address, size) < 0)
        _exit(99);
    size = sizeof address;
    getsockname(elsewhere, (struct sockaddr *)&address, &size);
    struct iovec part = {"[2]", 3};
    struct msghdr head = {.msg_name = &address, .msg_namelen = size, .msg_iov = &part, .msg_iovlen = 1};
    sendto(ends[1], "[1]", 3, 0, (struct sockaddr *)&address, size);
    put(ends[1], "x");
    sendmsg(ends[1], &head, 0);
    put(ends[1], "x");
    if (connect(ends[1], (struct sockaddr *)&address, size) < 0)
        _exit(99);
    put(ends[1], "[3]");
    done(pid);
}

static void scene_splice(void) {
    int source[2];
    if (pipe(source) < 0)
        _exit(99);
    pid_t pid = channel(0, 8, 100);
    put(source[1], "{\"n\":1}\n");
    if (splice(source[0], NULL, ends[1], NULL, 100, 0) != 8)
        _exit(99);
    done(pid);
}

static void scene_sendfile(void) {
    pid_t pid = channel(SOCK_STREAM, 8, 100);
    int file = memfd_create("message", 0);
    put(file, "xx{\"n\":1}\n");
    off_t from = 2;
    if (sendfile(ends[1], file, &from, 8) != 8)
        _exit(99);
    done(pid);
}

static void scene_before_fork(void) {
    if (pipe(ends) < 0)
        _exit(99);
    put(ends[1], "{\"n\":1}\n");
    pid_t pid = reader(ends[0], ends[1], 8, 100);
    say("child", pid);
    done(pid);
}

/* Everybody keeps every end open; the third child is the one that reads. */
static void scene_sloppy(void) {
    int stay[2];
    char c;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 || pipe(stay) < 0)
        _exit(99);
    for (int i = 0; i < 2; i++) {
        if (fork())
            continue;
        close(stay[1]);
        (void)!read(stay[0], &c, 1);
        _exit(0);
    }
    put(ends[1], "{\"n\":1}\n");
    pid_t pid = reader(ends[0], -1, 8, 100);
    say("reader", pid);
    waitpid(pid, NULL, 0);
    close(stay[1]);
    while (wait(NULL) > 0)
        continue;
}

/* A read that a signal interrupts before there is anything to read. */
static void scene_interrupted(void) {
    struct sigaction action = {.sa_handler = ignore};
    char c;
    int ready[2];
    sigaction(SIGUSR1, &action, NULL);
    if (pipe(ends) < 0 || pipe(ready) < 0)
        _exit(99);
    pid_t pid = fork();
    if (pid == 0) {
        put(ready[1], "x");
        int times = 0;
        char bytes[64];
        while (read(ends[0], bytes, sizeof bytes) < 0 && errno == EINTR)
            if (times++ == 0)
                put(ready[1], "x");
        say("interrupted", times);
        _exit(0);
    }
    say("child", pid);
    (void)!read(ready[0], &c, 1);
    struct pollfd interrupted = {ready[0], POLLIN, 0};
    do /* until it has been in its read when the signal came */
        kill(pid, SIGUSR1);
    while (poll(&interrupted, 1, 1) == 0);
    put(ends[1], "{\"n\":1}\n");
    waitpid(pid, NULL, 0);
}

/* --- serving -------------------------------------------------------------------------------- */

static int listen_somewhere(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        _exit(99);
    say("port", ntohs(address.sin_port));
    return listener;
}

static void answer(int client) {
    char request[256];
    if (read(client, request, sizeof request) > 0)
        put(client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    close(client);
}

static void scene_serve(void) {
    int listener = listen_somewhere();
    answer(accept(listener, NULL, NULL));
}

/* An answer from nowhere fails; then a long one, a short one, and one to a client that takes no more. */
static void scene_serve_badly(void) {
    static char much[40000];
    char *volatile nowhere = (char *)8;
    int listener = listen_somewhere(), client = accept(listener, NULL, NULL);
    struct pollfd gone = {.fd = client};
    signal(SIGPIPE, SIG_IGN);
    say("nowhere", write(client, nowhere, 20) < 0 ? errno : 0);
    say("much", (int)write(client, much, sizeof much));
    put(client, "short");
    say("all", 1);
    poll(&gone, 1, -1);
    say("reset", write(client, "late", 4) < 0 ? errno : 0);
}

/* The parent accepts, the child answers. */
static void scene_pass(void) {
    int listener = listen_somewhere();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        _exit(99);
    pid_t pid = fork();
    char byte = 'c';
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } rights = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = rights.room,
                             .msg_controllen = sizeof rights.room};
    struct cmsghdr *head = (struct cmsghdr *)rights.room;
    int client;
    if (pid == 0) {
        if (recvmsg(ends[1], &message, 0) != 1)
            _exit(99);
        memcpy(&client, CMSG_DATA(head), sizeof client);
        answer(client);
        _exit(0);
    }
    say("child", pid);
    client = accept(listener, NULL, NULL);
    *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof client), .cmsg_level = SOL_SOCKET,
                             .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &client, sizeof client);
    if (sendmsg(ends[0], &message, 0) != 1)
        _exit(99);
    close(client);
    waitpid(pid, NULL, 0);
}

/* A connection to `to`, from a host and port of its own choice; 0: any port. Returns the port. */
static int connect_from(uint32_t host, int port, int to) {
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(host)};
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)to), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof from;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, size) < 0 || connect(fd, (struct sockaddr *)&there, size) < 0 ||
        getsockname(fd, (struct sockaddr *)&from, &size) < 0)
        _exit(99);
    put(fd, "GET / HTTP/1.1\r\n\r\n");
    return ntohs(from.sin_port);
}

static int listen_at(int *port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t size = sizeof here;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&here, size) < 0 || listen(fd, 8) < 0 ||
        getsockname(fd, (struct sockaddr *)&here, &size) < 0)
        _exit(99);
    *port = ntohs(here.sin_port);
    return fd;
}

/* Three clients with the same port, each to be told from the others by an address or a port of the other side. */
static void scene_same_ports(void) {
    int port = atoi(getenv("SCENE_PORT")), other_port = 0;
    int listener = listen_at(&port), other = listen_at(&other_port);
    int same = connect_from(INADDR_LOOPBACK, 0, port);
    answer(accept(listener, NULL, NULL));
    connect_from(INADDR_LOOPBACK + 1, same, port);
    answer(accept(listener, NULL, NULL));
    connect_from(INADDR_LOOPBACK, same, other_port);
    answer(accept(other, NULL, NULL));
    say("same", same);
}

/* Two workers that each accept as long as somebody comes; ended by the test. */
static void scene_workers(void) {
    int listener = listen_somewhere();
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            for (;;)
                answer(accept(listener, NULL, NULL));
    while (wait(NULL) > 0)
        continue;
}

static void scene_waits_client(void) {
    int listener = listen_somewhere();
    accept(listener, NULL, NULL);
}

static const struct scene scenes[] = {
    SCENE(one),
    SCENE(three_writes),
    SCENE(joined),
    SCENE(bytewise),
    SCENE(writers),
    SCENE(selfpipe),
    SCENE(unterminated),
    SCENE(words),
    SCENE(vectors),
    SCENE(many_at_once),
    SCENE(packets),
    SCENE(astray),
    SCENE(splice),
    SCENE(sendfile),
    SCENE(before_fork),
    SCENE(sloppy),
    SCENE(interrupted),
    SCENE(serve),
    SCENE(serve_badly),
    SCENE(pass),
    SCENE(workers),
    SCENE(waits_client),
    SCENE(same_ports),
};

int main(int argc, char **argv) {
    return play_scene(scenes, sizeof scenes / sizeof scenes[0], argc, argv);
}
