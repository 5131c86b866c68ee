#include "app/checker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "proto/event.h"
#include "proto/reader.h"

enum {
    READ_SIZE = 64 << 10,
    STDERR_KEPT = 2 << 10,
    STOP_WAIT_MS = 3000,
    TERM_WAIT_MS = 2000,
    WORDS_MAX = 32
};

struct checker {
    struct loop *loop;
    const struct checker_ops *ops;
    void *ctx;
    pid_t pid; /* 0: it has ended */
    int to_fd, from_fd, error_fd;
    struct reader reader;
    struct buf error_line;         /* what came on its stderr since the last newline */
    struct buf unsent, last_words; /* what its pipe has no room for; the end of its stderr */
    int stop_timer;
    int insistence; /* how often it was asked to stop */
};

static void on_value(void *ctx, json_t *value, const char *error) {
    struct checker *checker = ctx;
    struct err err = {0};
    if (!value)
        checker->ops->nonsense(checker->ctx, error);
    else if (event_validate(value, &err) < 0)
        checker->ops->nonsense(checker->ctx, err.text);
    else
        checker->ops->event(checker->ctx, value);
}

static void close_watched(struct checker *checker, int *fd) {
    loop_unwatch(checker->loop, *fd);
    fd_close(fd);
}

static void on_events(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct checker *checker = ctx;
    char bytes[READ_SIZE];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0) {
        reader_feed(&checker->reader, bytes, (size_t)got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        reader_end(&checker->reader);
        close_watched(checker, &checker->from_fd);
    }
}

/* A step that it would not take is told on its stderr. */
static void hear_refusals(struct checker *checker, const char *bytes, size_t count) {
    static const char mark[] = "brigade-check: control: ";
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            if (checker->error_line.length < STDERR_KEPT)
                buf_putc(&checker->error_line, bytes[i]);
            continue;
        }
        buf_putc(&checker->error_line, '\0');
        if (!strncmp(checker->error_line.data, mark, sizeof mark - 1))
            checker->ops->refused(checker->ctx, checker->error_line.data + sizeof mark - 1);
        buf_clear(&checker->error_line);
    }
}

static void on_stderr(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct checker *checker = ctx;
    size_t had = checker->last_words.length;
    ssize_t got = buf_read(&checker->last_words, fd, STDERR_KEPT);
    if (got > 0)
        hear_refusals(checker, checker->last_words.data + had, (size_t)got);
    if (checker->last_words.length > STDERR_KEPT)
        buf_drop_front(&checker->last_words, checker->last_words.length - STDERR_KEPT);
    if (got == 0 || (got < 0 && got != -EAGAIN && got != -EINTR))
        close_watched(checker, &checker->error_fd);
}

/* Sends what is waiting as far as the pipe takes it. */
static void on_writable(void *ctx, int fd, uint32_t epoll_events) {
    (void)epoll_events;
    struct checker *checker = ctx;
    ssize_t sent = write(fd, checker->unsent.data, checker->unsent.length);
    if (sent > 0)
        buf_drop_front(&checker->unsent, (size_t)sent);
    else if (sent < 0 && errno != EAGAIN && errno != EINTR)
        buf_clear(&checker->unsent); /* it is gone; its end is told otherwise */
    if (checker->unsent.length)
        loop_watch(checker->loop, fd, EPOLLOUT, on_writable, checker);
    else
        loop_unwatch(checker->loop, fd);
}

void checker_say(struct checker *checker, json_t *message) {
    char *line = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (checker->to_fd >= 0 && checker->pid && line) {
        buf_printf(&checker->unsent, "%s\n", line);
        on_writable(checker, checker->to_fd, 0);
    }
    free(line);
}

/* What the pipes still hold when the process is gone; whoever else has them open is not waited for. */
static void drain(struct checker *checker) {
    for (size_t before = 1; checker->error_fd >= 0 && before;) {
        size_t length = checker->last_words.length;
        on_stderr(checker, checker->error_fd, 0);
        before = checker->last_words.length != length;
    }
    for (;;) {
        char bytes[READ_SIZE];
        ssize_t got = checker->from_fd >= 0 ? read(checker->from_fd, bytes, sizeof bytes) : 0;
        if (got <= 0)
            break;
        reader_feed(&checker->reader, bytes, (size_t)got);
    }
    reader_end(&checker->reader);
}

static char *end_words(const struct checker *checker, int wait_status) {
    struct buf words = {0};
    if (WIFSIGNALED(wait_status))
        buf_printf(&words, "The checker was killed by SIG%s.",
                   sigabbrev_np(WTERMSIG(wait_status)) ? sigabbrev_np(WTERMSIG(wait_status)) : "?");
    else
        buf_printf(&words, "The checker ended with exit code %d before it had a verdict.",
                   WEXITSTATUS(wait_status));
    buf_puts(&words, " That is a fault of ours or of this machine, not of your program.");
    if (checker->last_words.length) {
        buf_puts(&words, " Its last words:\n");
        text_append_printable(&words, checker->last_words.data, checker->last_words.length, true);
    }
    while (words.data[words.length - 1] == '\n')
        words.data[--words.length] = '\0';
    return buf_steal(&words);
}

static void on_ended(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    struct checker *checker = ctx;
    checker->pid = 0;
    loop_timer_set(checker->loop, checker->stop_timer, -1);
    drain(checker);
    close_watched(checker, &checker->to_fd);
    close_watched(checker, &checker->from_fd);
    close_watched(checker, &checker->error_fd);
    char *words = end_words(checker, wait_status);
    checker->ops->ended(checker->ctx, wait_status, words);
    free(words);
}

void checker_stop(struct checker *checker) {
    static const struct {
        int signal, wait_ms;
    } means[] = {{0, STOP_WAIT_MS}, {SIGTERM, TERM_WAIT_MS}, {SIGKILL, -1}};
    if (!checker->pid)
        return;
    int last = sizeof means / sizeof means[0] - 1;
    int now = checker->insistence < last ? checker->insistence++ : last;
    if (means[now].signal)
        kill(checker->pid, means[now].signal);
    else
        checker_say(checker, json_pack("{s:s}", "do", "stop"));
    if (means[now].wait_ms >= 0)
        loop_timer_set(checker->loop, checker->stop_timer,
                       clock_now_ns() + means[now].wait_ms * NS_PER_MS);
}

static void on_stop_time(void *ctx) { checker_stop(ctx); }

static size_t command_line(const struct checker_job *job, const char **argv) {
    const char *const options[] = {"--format", "events", "--live", "--control"};
    size_t count = 0;
    argv[count++] = job->program;
    argv[count++] = job->example ? "watch" : "run";
    argv[count++] = job->example ? job->example[0] : job->exercise;
    if (!job->example)
        argv[count++] = job->dir;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        argv[count++] = options[i];
    if (job->example) {
        argv[count++] = "--"; /* what follows is the program's */
    } else if (job->free_run) {
        argv[count++] = "--free";
        argv[count++] = "--clock=paced"; /* of who watches, but it can be skipped on */
    }
    for (char **word = job->example ? job->example + 1 : NULL; word && *word && count < WORDS_MAX;
         word++)
        argv[count++] = *word;
    return count;
}

static pid_t spawn(const struct checker_job *job, const int child_ends[3], struct err *err) {
    const char *argv[WORDS_MAX + 1];
    size_t count = command_line(job, argv);
    argv[count] = NULL;
    struct child_fd fds[] = {{child_ends[0], 0}, {child_ends[1], 1}, {child_ends[2], 2}};
    struct child_spec spec = {
        .argv = argv,
        .fds = fds,
        .fd_count = 3,
        .die_with_parent = true,
        .new_group = true, /* keys pressed in an editor are not for it */
    };
    return child_start(&spec, err);
}

struct checker *checker_start(struct loop *loop, const struct checker_job *job,
                              const struct checker_ops *ops, void *ctx, struct err *err) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, error[2] = {-1, -1};
    pid_t pid = -1;
    if (fd_pipe(in, err) == 0 && fd_pipe(out, err) == 0 && fd_pipe(error, err) == 0)
        pid = spawn(job, (int[]){in[0], out[1], error[1]}, err);
    fd_close(&in[0]);
    fd_close(&out[1]);
    fd_close(&error[1]);
    if (pid < 0) {
        fd_close(&in[1]);
        fd_close(&out[0]);
        fd_close(&error[0]);
        return NULL;
    }
    struct checker *checker = xcalloc(1, sizeof *checker);
    *checker = (struct checker){
        .loop = loop,
        .ops = ops,
        .ctx = ctx,
        .pid = pid,
        .to_fd = in[1],
        .from_fd = out[0],
        .error_fd = error[0],
        .reader = {.fn = on_value, .ctx = checker},
        .stop_timer = loop_timer_new(loop, on_stop_time, checker),
    };
    fd_set_nonblocking(in[1], true);
    fd_set_nonblocking(out[0], true);
    fd_set_nonblocking(error[0], true);
    loop_watch(loop, out[0], EPOLLIN, on_events, checker);
    loop_watch(loop, error[0], EPOLLIN, on_stderr, checker);
    loop_on_child(loop, pid, on_ended, checker);
    return checker;
}

static void forget(void *ctx, pid_t pid, int wait_status) {
    (void)ctx, (void)pid, (void)wait_status;
}

void checker_free(struct checker *checker) {
    if (!checker)
        return;
    if (checker->pid) {
        kill(checker->pid, SIGKILL);
        loop_on_child(checker->loop, checker->pid, forget, NULL);
    }
    loop_timer_free(checker->loop, checker->stop_timer);
    close_watched(checker, &checker->to_fd);
    close_watched(checker, &checker->from_fd);
    close_watched(checker, &checker->error_fd);
    reader_release(&checker->reader);
    buf_release(&checker->error_line);
    buf_release(&checker->unsent);
    buf_release(&checker->last_words);
    free(checker);
}
