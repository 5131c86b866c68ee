/* Two children write to somebody who is gone. One of them was prepared. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void talk_to_nobody(const char *who) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        _exit(1);
    close(line[1]);
    if (write(line[0], "soup!", 5) < 0)
        printf("%s: write failed: %s\n", who, strerror(errno));
    fflush(stdout);
    _exit(0);
}

static void run(const char *who, void (*when_nobody_hears)(int)) {
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, when_nobody_hears);
        talk_to_nobody(who);
    }
    int status;
    if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
        printf("%s: killed by %s\n", who, strsignal(WTERMSIG(status)));
    fflush(stdout);
}

int main(void) {
    run("by default", SIG_DFL);
    run("prepared", SIG_IGN);
}
