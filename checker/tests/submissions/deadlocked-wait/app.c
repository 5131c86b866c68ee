/* The parent waits for a child that waits for a byte which only the parent could send. */
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    char c;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return 1;
    if (fork() == 0)
        return read(ends[1], &c, 1) == 1 ? 0 : 1;
    return wait(NULL) > 0 ? 0 : 1;
}
