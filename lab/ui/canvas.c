#include "ui/canvas.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "text/width.h"

static const char cut_mark[] = "…";

struct canvas canvas_whole(struct tty *tty, struct targets *targets) {
    return (struct canvas){tty, targets, 0, 0, tty_rows(tty), tty_columns(tty)};
}

static int within(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

struct canvas canvas_part(const struct canvas *canvas, int row, int column, int rows, int columns) {
    row = within(row, 0, canvas->rows);
    column = within(column, 0, canvas->columns);
    return (struct canvas){
        .tty = canvas->tty,
        .targets = canvas->targets,
        .row = canvas->row + row,
        .column = canvas->column + column,
        .rows = within(rows, 0, canvas->rows - row),
        .columns = within(columns, 0, canvas->columns - column),
    };
}

static bool is_plain(const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        if (text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

static void put_on_tty(const struct canvas *canvas, int row, int column, unsigned style,
                       const char *text, size_t bytes) {
    struct buf shown = {0};
    if (!is_plain(text, bytes)) {
        if (tty_has_unicode(canvas->tty))
            width_guard(&shown, text, bytes);
        else
            width_fold_ascii(&shown, text, bytes);
        text = shown.data;
        bytes = shown.length;
    }
    if (bytes)
        tty_put(canvas->tty, canvas->row + row, canvas->column + column, style, text, bytes);
    buf_release(&shown);
}

/* Draws within `width` columns, the last of them a mark where text was cut. */
static int put_within(const struct canvas *canvas, int row, int column, int width, unsigned style,
                      const char *text, size_t bytes) {
    width = within(width, 0, canvas->columns - column);
    if (row < 0 || row >= canvas->rows || column < 0 || width <= 0)
        return column;
    int used;
    size_t fit = width_fit(text, bytes, width, &used);
    if (fit == bytes) {
        put_on_tty(canvas, row, column, style, text, bytes);
        return column + used;
    }
    fit = width_fit(text, bytes, width - 1, &used);
    put_on_tty(canvas, row, column, style, text, fit);
    put_on_tty(canvas, row, column + used, style, cut_mark, strlen(cut_mark));
    return column + used + 1;
}

int canvas_put_bytes(const struct canvas *canvas, int row, int column, unsigned style,
                     const char *text, size_t bytes) {
    return put_within(canvas, row, column, canvas->columns, style, text, bytes);
}

int canvas_put(const struct canvas *canvas, int row, int column, unsigned style, const char *text) {
    return canvas_put_bytes(canvas, row, column, style, text, strlen(text));
}

int canvas_printf(const struct canvas *canvas, int row, int column, unsigned style,
                  const char *format, ...) {
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    column = canvas_put_bytes(canvas, row, column, style, text.data, text.length);
    buf_release(&text);
    return column;
}

int canvas_field(const struct canvas *canvas, int row, int column, int width, unsigned style,
                 const char *text) {
    put_within(canvas, row, column, width, style, text, strlen(text));
    return column + width;
}

int canvas_field_right(const struct canvas *canvas, int row, int column, int width, unsigned style,
                       const char *text) {
    int used = width_of(text, strlen(text));
    int gap = used < width ? width - used : 0;
    put_within(canvas, row, column + gap, width - gap, style, text, strlen(text));
    return column + width;
}

void canvas_fill(const struct canvas *canvas, int row, unsigned style) {
    canvas_repeat(canvas, row, 0, canvas->columns, style, " ");
}

void canvas_repeat(const struct canvas *canvas, int row, int column, int count, unsigned style,
                   const char *glyph) {
    struct buf text = {0};
    count = within(count, 0, canvas->columns - column);
    for (int i = 0; i < count; i++)
        buf_puts(&text, glyph);
    if (count)
        canvas_put_bytes(canvas, row, column, style, text.data, text.length);
    buf_release(&text);
}

void canvas_rule(const struct canvas *canvas, int row, unsigned title_style, const char *title) {
    canvas_repeat(canvas, row, 0, canvas->columns, ROLE_RULE, "─");
    if (title && *title)
        canvas_printf(canvas, row, 1, title_style, " %s ", title);
}

static const enum role tone_roles[TONE_COUNT] = {
    [TONE_PLAIN] = ROLE_TEXT,      [TONE_STRONG] = ROLE_STRONG,   [TONE_EMPHASIS] = ROLE_EMPHASIS,
    [TONE_CODE] = ROLE_CODE,       [TONE_KEYWORD] = ROLE_KEYWORD, [TONE_STRING] = ROLE_STRING,
    [TONE_COMMENT] = ROLE_COMMENT, [TONE_LINK] = ROLE_LINK,       [TONE_TITLE] = ROLE_BRAND,
    [TONE_HEADING] = ROLE_HEADING, [TONE_DIM] = ROLE_DIM,         [TONE_GOOD] = ROLE_GOOD,
    [TONE_BAD] = ROLE_BAD,
};

void canvas_line(const struct canvas *canvas, int row, const struct lines *lines, size_t line,
                 unsigned flags) {
    if (line >= lines->count)
        return;
    const struct line *item = &lines->items[line];
    int column = 0;
    for (size_t i = 0; i < item->span_count; i++) {
        const struct span *span = &lines->spans[item->first_span + i];
        unsigned style = tone_roles[span->tone] | flags;
        column = canvas_put_bytes(canvas, row, column, style, lines->text.data + span->offset,
                                  span->length);
    }
}

void canvas_cursor(const struct canvas *canvas, int row, int column) {
    if (row >= 0 && row < canvas->rows && column >= 0 && column < canvas->columns)
        tty_cursor(canvas->tty, canvas->row + row, canvas->column + column);
}

static void add_target(const struct canvas *canvas, struct target target) {
    struct canvas part =
        canvas_part(canvas, target.row, target.column, target.rows, target.columns);
    target.row = part.row;
    target.column = part.column;
    target.rows = part.rows;
    target.columns = part.columns;
    if (canvas->targets)
        targets_add(canvas->targets, &target);
}

void canvas_target(const struct canvas *canvas, int row, int column, int rows, int columns,
                   enum request request) {
    add_target(canvas, (struct target){row, column, rows, columns, request, NULL, 0});
}

void canvas_items(const struct canvas *canvas, int row, int rows, struct scroll *scroll,
                  size_t item) {
    add_target(canvas, (struct target){row, 0, rows, canvas->columns, REQUEST_NONE, scroll, item});
}
