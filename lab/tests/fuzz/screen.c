#include "tests/fuzz/screen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/text.h"
#include "term/tty.h"
#include "text/width.h"
#include "views/chrome.h"

enum { NAME_SIZE = 8 };

struct tty {
    bool unicode;
    int fds[2]; /* never readable: keys are given by hand */
    int puts;   /* since the screen was erased */
    bool has_name, has_bottom;
    int cursor_row, cursor_column;
};

static struct tty *open_tty;
static int columns = 80, rows = 24, key = TTY_NO_KEY, pointer_row, pointer_column;

void screen_resize(int new_columns, int new_rows) {
    columns = new_columns;
    rows = new_rows;
}

void screen_press(int pressed) { key = pressed; }

void screen_point(int column, int row) {
    pointer_column = column;
    pointer_row = row;
}

void screen_check(void) {
    const struct tty *tty = open_tty;
    bool fits = columns >= CHROME_COLUMNS_LEAST && rows >= CHROME_ROWS_LEAST;
    assert(tty->puts > 0);
    assert(!fits || (tty->has_name && tty->has_bottom));
}

/* --- term/tty.h --- */

int tty_check(struct err *err) {
    (void)err;
    return 0;
}

struct tty *tty_open(const struct tty_options *options, struct keeper *keeper, struct err *err) {
    (void)keeper;
    struct tty *tty = xcalloc(1, sizeof *tty);
    *tty = (struct tty){.unicode = options->unicode, .cursor_row = -1};
    if (fd_pipe(tty->fds, err) < 0)
        abort();
    open_tty = tty;
    return tty;
}

void tty_close(struct tty *tty) {
    if (!tty)
        return;
    fd_close(&tty->fds[0]);
    fd_close(&tty->fds[1]);
    open_tty = NULL;
    free(tty);
}

int tty_fd(const struct tty *tty) { return tty->fds[0]; }

int tty_key(struct tty *tty) {
    (void)tty;
    int pressed = key;
    key = TTY_NO_KEY;
    return pressed;
}

void tty_pointer(const struct tty *tty, int *row, int *column) {
    (void)tty;
    *row = pointer_row;
    *column = pointer_column;
}

int tty_rows(const struct tty *tty) {
    (void)tty;
    return rows;
}

int tty_columns(const struct tty *tty) {
    (void)tty;
    return columns;
}

bool tty_has_unicode(const struct tty *tty) { return tty->unicode; }

void tty_erase(struct tty *tty) {
    tty->puts = 0;
    tty->has_name = tty->has_bottom = false;
    tty->cursor_row = -1;
}

/* What is printable needs no escape; a terminal would obey nothing in it. */
static void check_text(const struct tty *tty, const char *text, size_t bytes) {
    struct buf guarded = {0};
    for (size_t i = 0; i < bytes; i++) {
        assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
        assert(tty->unicode || (unsigned char)text[i] < 0x7f);
    }
    width_guard(&guarded, text, bytes);
    assert(guarded.length == bytes && !memcmp(guarded.data, text, bytes));
    buf_clear(&guarded);
    text_append_printable(&guarded, text, bytes, false);
    assert(guarded.length == bytes);
    buf_release(&guarded);
}

void tty_put(struct tty *tty, int row, int column, unsigned style, const char *text, size_t bytes) {
    assert((style & STYLE_ROLE_MASK) < ROLE_COUNT);
    assert(bytes > 0);
    assert(row >= 0 && row < rows && column >= 0 && column < columns);
    assert(column + width_of(text, bytes) <= columns);
    check_text(tty, text, bytes);
    tty->puts++;
    tty->has_name = tty->has_name || (!row && column == 1 && !strncmp(text, "Brigade", bytes));
    tty->has_bottom = tty->has_bottom || row == rows - 1;
}

void tty_cursor(struct tty *tty, int row, int column) {
    assert(row >= 0 && row < rows && column >= 0 && column < columns);
    tty->cursor_row = row;
    tty->cursor_column = column;
}

void tty_flush(struct tty *tty) { (void)tty; }
void tty_resized(struct tty *tty) { (void)tty; }
void tty_repaint(struct tty *tty) { (void)tty; }
void tty_leave(struct tty *tty) { (void)tty; }
void tty_return(struct tty *tty) { (void)tty; }

/* --- term/keeper.h --- */

int keeper_split(struct keeper **keeper, struct err *err) {
    *keeper = NULL;
    (void)err;
    return 0;
}

void keeper_on_screen(struct keeper *keeper, bool on_screen) { (void)keeper, (void)on_screen; }

bool keeper_is_on_screen(const struct keeper *keeper) { return !keeper; }

bool keeper_can_suspend(const struct keeper *keeper) { return keeper; }

void keeper_suspend(struct keeper *keeper) { (void)keeper; }
