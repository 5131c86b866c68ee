/* Tries to reach anything beyond the box's own loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void reach(const char *address, int type) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
    inet_pton(AF_INET, address, &to.sin_addr);
    int fd = socket(AF_INET, type, 0);
    int code = connect(fd, (struct sockaddr *)&to, sizeof to);
    printf("%s %s: %s\n", type == SOCK_STREAM ? "tcp" : "udp", address,
           code ? strerror(errno) : "reached");
    close(fd);
}

/* A socket that the test listens on, without a name in any folder. */
static void reach_abstract(const char *name) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path + 1, name, sizeof to.sun_path - 2);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int code = connect(fd, (struct sockaddr *)&to,
                       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
    printf("abstract: %s\n", code ? strerror(errno) : "reached");
}

int main(int argc, char **argv) {
    struct ifaddrs *list = NULL;
    reach("1.1.1.1", SOCK_STREAM);
    reach("10.0.0.1", SOCK_STREAM);
    reach("169.254.169.254", SOCK_STREAM); /* where clouds keep credentials */
    reach("8.8.8.8", SOCK_DGRAM);
    reach("127.0.0.1", SOCK_STREAM);
    reach_abstract(argc > 1 ? argv[1] : "nobody");
    if (getifaddrs(&list) == 0)
        for (struct ifaddrs *at = list; at; at = at->ifa_next)
            if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET)
                printf("interface %s\n", at->ifa_name);
    puts("done");
}
