/* A worker reports and is killed. Is the report lost? */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        static const char report[] = "{\"count\": 42}\n";
        if (write(line[1], report, strlen(report)) > 0)
            raise(SIGKILL);
        _exit(1);
    }
    close(line[1]);
    waitpid(pid, NULL, 0);
    printf("worker %d is dead and buried\n", pid);

    char bytes[100];
    ssize_t n;
    while ((n = read(line[0], bytes, sizeof bytes)) > 0)
        printf("its last words: %.*s", (int)n, bytes);
    puts("nothing more to read: now close the line");
}
