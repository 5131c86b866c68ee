/* How wide text is on a terminal: wide characters take two columns, combining marks none.
 *
 * All text here is UTF-8. What wcwidth(3) calls unprintable counts as one column, because the canvas
 * draws one mark in its place; so widths agree with the screen in every locale.
 */
#ifndef BRIGADE_TEXT_WIDTH_H
#define BRIGADE_TEXT_WIDTH_H

#include <stddef.h>

#include "base/buf.h"

/* Bytes of the character at `at`, at least 1 while left > 0; *columns gets 0, 1 or 2. */
size_t width_next(const char *at, size_t left, int *columns);

int width_of(const char *text, size_t bytes); /* in columns */

/* Bytes of the longest start of text that fits into `columns`, marks that combine with its last
 * character included; *used gets its columns when not NULL. */
size_t width_fit(const char *text, size_t bytes, int columns, int *used);

/* Appends the text with every character outside ASCII replaced by a look-alike of the same number of
 * columns ("-" for a dash), "?" where there is none. */
void width_fold_ascii(struct buf *into, const char *text, size_t bytes);

/* Appends the text with what cannot be drawn replaced: control characters and bytes that are not
 * UTF-8 by "?", and what takes no column by nothing: a combining mark with nothing before it, and characters that
 * reorder or hide text. The last line of defence: who knows that a text is foreign makes it printable before. */
void width_guard(struct buf *into, const char *text, size_t bytes);

#endif
