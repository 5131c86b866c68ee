#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "session/internal.h"

enum { READ_AT_ONCE = 4096 };

static void complain(const char *text) { fprintf(stderr, "brigade-check: control: %s\n", text); }

static void on_value(void *ctx, json_t *value, const char *error) {
    struct session *session = ctx;
    struct err err = {0};
    if (error) {
        complain(error);
        return;
    }
    if (strcmp(event_text(value, "do", ""), "stop") == 0) {
        run_end(session, OUTCOME_STOPPED, "stopped from the keyboard");
        return;
    }
    if (strcmp(event_text(value, "do", ""), "skip") == 0 && session->options->paced_clock) {
        trace_skip(session->trace);
        return;
    }
    if (drive_inject(session->drive, value, &err) < 0)
        complain(err.text);
}

static void on_readable(void *ctx, int fd, uint32_t events) {
    struct session *session = ctx;
    char bytes[READ_AT_ONCE];
    (void)events;
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0)
        reader_feed(&session->control, bytes, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        loop_unwatch(session->loop, fd); /* whoever steers has left; the run goes on to its end */
}

void control_start(struct session *session) {
    session->control = (struct reader){.fn = on_value, .ctx = session};
    loop_watch(session->loop, STDIN_FILENO, EPOLLIN, on_readable, session);
}

void control_stop(struct session *session) {
    if (!session->control.fn)
        return;
    loop_unwatch(session->loop, STDIN_FILENO);
    reader_release(&session->control);
}
