#include "session/program_stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"

enum { ROWS = 24, COLUMNS = 80, DRAIN_AT_ONCE = 65536 };

static void drain(void *ctx, int fd, uint32_t events) {
    static char waste[DRAIN_AT_ONCE];
    struct program_stdio *stdio = ctx;
    (void)events;
    ssize_t got = read(fd, waste, sizeof waste);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    loop_unwatch(stdio->loop, fd); /* EIO or the end: nobody holds the other side any more */
}

/* No echo, no translation of newlines: what is drained is what was written. */
static int make_raw(int fd) {
    struct termios mode;
    if (tcgetattr(fd, &mode) < 0)
        return -errno;
    cfmakeraw(&mode);
    struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};
    ioctl(fd, TIOCSWINSZ, &size);
    return tcsetattr(fd, TCSANOW, &mode) < 0 ? -errno : 0;
}

static int open_terminal(struct program_stdio *stdio, struct err *err) {
    stdio->terminal_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (stdio->terminal_fd < 0 || grantpt(stdio->terminal_fd) < 0 ||
        unlockpt(stdio->terminal_fd) < 0)
        return err_sys(err, errno, "cannot make a terminal for the program (is /dev/pts mounted?)");
    stdio->stdout_fd = ioctl(stdio->terminal_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (stdio->stdout_fd < 0)
        return err_sys(err, errno, "cannot open the program's terminal");
    int code = make_raw(stdio->stdout_fd);
    return code ? err_sys(err, -code, "cannot set up the program's terminal") : 0;
}

int program_stdio_open(struct program_stdio *stdio, struct loop *loop, struct err *err) {
    *stdio = (struct program_stdio){.terminal_fd = -1, .stdout_fd = -1, .errors_fd = -1,
                                    .stderr_fd = -1, .loop = loop};
    int code = open_terminal(stdio, err);
    int ends[2] = {-1, -1};
    if (code == 0)
        code = fd_pipe(ends, err);
    stdio->errors_fd = ends[0];
    stdio->stderr_fd = ends[1];
    if (code == 0 && (fstat(stdio->stdout_fd, &stdio->stdout_end) < 0 ||
                      fstat(stdio->stderr_fd, &stdio->stderr_end) < 0))
        code = err_sys(err, errno, "cannot look at the program's terminal");
    if (code) {
        program_stdio_close(stdio);
        return code;
    }
    fd_set_nonblocking(stdio->errors_fd, true);
    loop_watch(loop, stdio->terminal_fd, EPOLLIN, drain, stdio);
    loop_watch(loop, stdio->errors_fd, EPOLLIN, drain, stdio);
    return 0;
}

void program_stdio_started(struct program_stdio *stdio) {
    fd_close(&stdio->stdout_fd);
    fd_close(&stdio->stderr_fd);
}

void program_stdio_close(struct program_stdio *stdio) {
    loop_unwatch(stdio->loop, stdio->terminal_fd);
    loop_unwatch(stdio->loop, stdio->errors_fd);
    fd_close(&stdio->stdout_fd);
    fd_close(&stdio->stderr_fd);
    fd_close(&stdio->terminal_fd);
    fd_close(&stdio->errors_fd);
}
