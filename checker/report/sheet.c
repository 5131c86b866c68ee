#include "report/sheet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 40, WIDTH_MOST = 120, TEXT_LEAST = 20 };

/* SGR parameters (ECMA-48), of the 16 colours only, on the terminal's own background. */
static const char *const colours[ROLE_COUNT] = {
    [ROLE_PLAIN] = "",     [ROLE_TIME] = "2",  [ROLE_HEADING] = "1",
    [ROLE_STEP] = "36",    [ROLE_GOOD] = "32", [ROLE_BAD] = "1;31",
    [ROLE_WARNING] = "33", [ROLE_QUIET] = "2", [ROLE_HINT] = "35",
};

static size_t width_of(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    size_t width = size.ws_col;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : width;
}

void sheet_init(struct sheet *sheet, int fd, bool colour) {
    *sheet = (struct sheet){.fd = fd, .colour = colour, .width = width_of(fd)};
}

void sheet_release(struct sheet *sheet) { buf_release(&sheet->text); }

static short state_of(const struct sheet *sheet, short poll_events) {
    struct pollfd look = {.fd = sheet->fd, .events = poll_events};
    return poll(&look, 1, 0) > 0 ? look.revents : 0;
}

/* A blocking pipe that says it is ready takes this much without blocking (pipe(7), PIPE_BUF). */
static size_t write_a_little(struct sheet *sheet, const char *bytes, size_t count) {
    ssize_t wrote = write(sheet->fd, bytes, count < PIPE_BUF ? count : PIPE_BUF);
    if (wrote < 0 && errno != EINTR && errno != EAGAIN)
        sheet->failure = -errno;
    return wrote < 0 ? 0 : (size_t)wrote;
}

void sheet_flush(struct sheet *sheet) {
    struct buf *text = &sheet->text;
    while (!sheet->failure && sheet->sent < text->length && state_of(sheet, POLLOUT))
        sheet->sent += write_a_little(sheet, text->data + sheet->sent, text->length - sheet->sent);
    if (sheet->failure)
        sheet->sent = text->length;
    if (sheet->sent > text->length / 2) { /* seldom enough that moving costs nothing */
        buf_drop_front(text, sheet->sent);
        sheet->sent = 0;
    }
}

void sheet_finish(struct sheet *sheet) {
    size_t left = sheet->text.length - sheet->sent;
    if (left && !sheet->failure)
        sheet->failure = fd_write_all(sheet->fd, sheet->text.data + sheet->sent, left);
    buf_clear(&sheet->text);
    sheet->sent = 0;
}

int sheet_failure(const struct sheet *sheet) {
    if (!sheet->failure && state_of(sheet, 0) & (POLLERR | POLLHUP))
        return -EPIPE;
    return sheet->failure;
}

void sheet_raw(struct sheet *sheet, const char *text) { buf_puts(&sheet->text, text); }

void sheet_blank(struct sheet *sheet) { buf_putc(&sheet->text, '\n'); }

static void put_span(struct sheet *sheet, enum role role, const char *text, size_t length) {
    bool painted = sheet->colour && *colours[role] && length;
    if (painted)
        buf_printf(&sheet->text, "\033[%sm", colours[role]);
    buf_append(&sheet->text, text, length);
    if (painted)
        buf_puts(&sheet->text, "\033[0m");
}

static size_t columns(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; count++) {
        size_t step = utf8_next(text + i, length - i, NULL);
        i += step ? step : 1;
    }
    return count;
}

/* How many bytes of `text` go on a line of `room` columns: up to the last blank that fits, or, where a
 * word is longer than the line, as much of it as fits. */
static size_t line_bytes(const char *text, size_t room) {
    size_t at = 0, blank = 0;
    for (size_t used = 0; text[at] && text[at] != '\n'; used++) {
        if (used == room)
            return text[at] == ' ' ? at : blank ? blank : at;
        if (text[at] == ' ' && at)
            blank = at;
        size_t step = utf8_next(text + at, strnlen(text + at, 4), NULL);
        at += step ? step : 1;
    }
    return at;
}

static const char *next_line(const char *at) {
    if (*at == '\n')
        return at + 1;
    return at + strspn(at, " "); /* the line was broken at a blank */
}

void sheet_entry(struct sheet *sheet, enum role head_role, const char *head, enum role role,
                 const char *text) {
    size_t indent = columns(head, strlen(head));
    size_t room = sheet->width > indent + TEXT_LEAST ? sheet->width - indent : TEXT_LEAST;
    put_span(sheet, head_role, head, strlen(head));
    const char *at = text;
    for (bool first = true; first || *at; first = false) {
        size_t length = line_bytes(at, room);
        if (!first && length)
            buf_printf(&sheet->text, "%*s", (int)indent, "");
        put_span(sheet, role, at, length);
        buf_putc(&sheet->text, '\n');
        at = next_line(at + length);
    }
}

static size_t whole_characters(const char *text, size_t most) {
    size_t at = 0;
    while (text[at]) {
        size_t step = utf8_next(text + at, strnlen(text + at, 4), NULL);
        step = step ? step : 1;
        if (at + step > most)
            break;
        at += step;
    }
    return at;
}

void sheet_foreign(struct buf *into, const char *text, size_t most, bool keep_newlines) {
    size_t taken = whole_characters(text, most);
    text_append_printable(into, text, taken, keep_newlines);
    if (text[taken])
        buf_puts(into, "...");
}

void sheet_foreign_json(struct buf *into, const json_t *value, size_t most, bool keep_newlines) {
    if (json_is_string(value)) {
        sheet_foreign(into, json_string_value(value), most, keep_newlines);
        return;
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text)
        sheet_foreign(into, text, most, keep_newlines);
    free(text);
}
