/* What was written in three pieces is read in other pieces. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_three(int fd) {
    static const char *const orders[] = {"soup", "beans", "rice"};
    for (int i = 0; i < 3; i++) {
        if (write(fd, orders[i], strlen(orders[i])) < 0)
            perror("write");
    }
}

static void read_by(int fd, size_t most, size_t total) {
    char bytes[100];
    printf("read up to %2zu:", most);
    for (ssize_t n; total > 0; total -= (size_t)n) {
        n = read(fd, bytes, most);
        if (n <= 0)
            break;
        printf("  \"%.*s\"", (int)n, bytes);
    }
    putchar('\n');
}

int main(void) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        return 1;
    send_three(line[0]);
    read_by(line[1], 99, 13);
    send_three(line[0]);
    read_by(line[1], 6, 13);
}
