/* A rectangle of the screen to draw in. Nothing drawn leaves it; text that does not fit ends in a mark.
 *
 *     struct canvas pane = canvas_part(&all, 2, 0, 10, 40);
 *     int column = canvas_put(&pane, 0, 0, ROLE_STRONG, "11");
 *     canvas_printf(&pane, 0, column + 1, ROLE_DIM, "%d s", age_s);
 *
 * Values, copied freely; they borrow the tty and the targets. Here, too, the choice between UTF-8 and ASCII is made: text is
 * written as if every terminal had Unicode.
 */
#ifndef BRIGADE_UI_CANVAS_H
#define BRIGADE_UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "term/tty.h"
#include "text/lines.h"
#include "ui/targets.h"

struct canvas {
    struct tty *tty;
    struct targets *targets; /* for the mouse; NULL: there is none */
    int row, column, rows, columns;
};

struct canvas canvas_whole(struct tty *tty, struct targets *targets);
struct canvas canvas_part(const struct canvas *canvas, int row, int column, int rows, int columns);

/* Each returns the column behind what was drawn. */
int canvas_put(const struct canvas *canvas, int row, int column, unsigned style, const char *text);
int canvas_put_bytes(const struct canvas *canvas, int row, int column, unsigned style,
                     const char *text, size_t bytes);
int canvas_printf(const struct canvas *canvas, int row, int column, unsigned style,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* In a field of `width` columns, to the left or the right of it. */
int canvas_field(const struct canvas *canvas, int row, int column, int width, unsigned style,
                 const char *text);
int canvas_field_right(const struct canvas *canvas, int row, int column, int width, unsigned style,
                       const char *text);

void canvas_fill(const struct canvas *canvas, int row, unsigned style); /* blanks */
void canvas_repeat(const struct canvas *canvas, int row, int column, int count, unsigned style,
                   const char *glyph);

/* A rule with a title: " Messages ────────". */
void canvas_rule(const struct canvas *canvas, int row, unsigned title_style, const char *title);
void canvas_line(const struct canvas *canvas, int row, const struct lines *lines, size_t line,
                 unsigned flags);
/* What a click there asks for. */
void canvas_target(const struct canvas *canvas, int row, int column, int rows, int columns,
                   enum request request);
/* Rows of a list, from `item` on: a click selects, one on what is selected opens. */
void canvas_items(const struct canvas *canvas, int row, int rows, struct scroll *scroll,
                  size_t item);
void canvas_cursor(const struct canvas *canvas, int row, int column);

#endif
