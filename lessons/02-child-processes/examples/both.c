/* The child repeats all it hears. A lot to say: first talk, then listen? */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOTAL = 2000 * 1024 };

static char bytes[TOTAL];

static void repeat(int fd) {
    char some[4096];
    ssize_t n;
    while ((n = read(fd, some, sizeof some)) > 0) {
        for (ssize_t out = 0, m; out < n; out += m) {
            m = write(fd, some + out, (size_t)(n - out));
            if (m < 0)
                _exit(1);
        }
    }
    _exit(0);
}

static void talk(const char *how, int fd, int listens) {
    size_t said = 0, heard = 0;
    const char *end = "done";
    while (heard < TOTAL) {
        struct pollfd line = {.fd = fd};
        if (said < TOTAL)
            line.events |= POLLOUT;
        if (listens || said == TOTAL)
            line.events |= POLLIN;
        if (poll(&line, 1, 500) == 0) {
            end = "stuck";
            break;
        }
        ssize_t n;
        if (line.revents & POLLOUT &&
            (n = write(fd, bytes, TOTAL - said)) > 0)
            said += (size_t)n;
        if (line.revents & POLLIN && (n = read(fd, bytes, TOTAL)) > 0)
            heard += (size_t)n;
    }
    printf("%s: %s, %zu KB said, %zu KB heard\n", how, end, said / 1024,
           heard / 1024);
    fflush(stdout);
}

static void run(const char *how, int listens) {
    int line[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0)
        return;
    pid_t pid = fork();
    if (pid == 0) {
        close(line[0]);
        repeat(line[1]);
    }
    close(line[1]);
    fcntl(line[0], F_SETFL, O_NONBLOCK);
    talk(how, line[0], listens);
    close(line[0]);
    waitpid(pid, NULL, 0);
}

int main(void) {
    memset(bytes, 'm', sizeof bytes);
    run("first talks, then listens", 0);
    run("listens meanwhile", 1);
}
