/* One socketpair, two directions: a question and its answer. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(int fd, const char *words) {
    if (write(fd, words, strlen(words)) < 0)
        perror("write");
}

static void hear(int fd, const char *who) {
    char words[100];
    ssize_t n = read(fd, words, sizeof words);
    printf("%s hears: %.*s", who, n < 0 ? 0 : (int)n, words);
    fflush(stdout);
}

int main(void) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0) {
        perror("socketpair");
        return 1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(line[0]); /* the parent's end */
        hear(line[1], "the child");
        say(line[1], "ten minutes\n");
        _exit(0);
    }
    close(line[1]); /* the child's end */
    say(line[0], "how long for the soup?\n");
    hear(line[0], "the parent");
    waitpid(pid, NULL, 0);
}
