/* A child polls a pipe whose other end is closed: POLLHUP comes at once, every time, and is taken for nothing. */
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    if (pipe(ends))
        return 9;
    if (fork() == 0) {
        close(ends[1]);
        struct pollfd watched = {.fd = ends[0], .events = POLLIN};
        while (!(watched.revents & POLLIN))
            poll(&watched, 1, -1);
        return 0;
    }
    close(ends[1]);
    wait(NULL);
    return 0;
}
