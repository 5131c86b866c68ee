/* The end of a stream comes when nobody holds the other end any more. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child: is this the end, or does somebody still hold the line? */
static void listen_for_the_end(int fd) {
    struct pollfd ear = {.fd = fd, .events = POLLIN};
    char byte;
    if (poll(&ear, 1, 500) == 0)
        puts("still waiting after half a second");
    else if (read(fd, &byte, 1) == 0)
        puts("the other side has hung up");
    fflush(stdout);
}

int main(int argc, char **argv) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        if (argc > 1 && strcmp(argv[1], "close") == 0)
            close(line[0]);
        listen_for_the_end(line[1]);
        _exit(0);
    }
    close(line[1]);
    close(line[0]); /* the parent hangs up */
    waitpid(pid, NULL, 0);
}
