/* Where a report is written: lines gathered, wrapped to the width, and sent to a descriptor.
 *
 *     struct sheet sheet;
 *     sheet_init(&sheet, fd, colour);
 *     sheet_entry(&sheet, ROLE_TIME, "   5.001  ", ROLE_PLAIN, "10 listens on port 8000");
 *     sheet_flush(&sheet);     // as often as there is something new
 *     sheet_finish(&sheet);    // at the end
 *     sheet_release(&sheet);
 *
 * Colour says nothing that the words beside it do not. Texts must be printable already
 * (sheet_foreign makes them so); the sheet adds escape sequences of its own only for colour.
 */
#ifndef BRIGADE_REPORT_SHEET_H
#define BRIGADE_REPORT_SHEET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum role { /* what a piece of text is; sheet.c has the one table of colours */
            ROLE_PLAIN,
            ROLE_TIME,
            ROLE_HEADING,
            ROLE_STEP,
            ROLE_GOOD,
            ROLE_BAD,
            ROLE_WARNING,
            ROLE_QUIET,
            ROLE_HINT,
            ROLE_COUNT
};

struct sheet { /* visible, because callers place it */
    int fd;    /* borrowed */
    bool colour;
    size_t width; /* columns: the terminal's, or 80 */
    struct buf text;
    size_t sent; /* of text: gone out already */
    int failure; /* -errno of the first write that failed; nothing is written after it */
};

void sheet_init(struct sheet *sheet, int fd, bool colour);
void sheet_release(struct sheet *sheet);

/* Writes what the descriptor takes at once and keeps the rest: a reader that dawdles (a pager, a lab that was
 * stopped) must not hold up the run, whose time goes on. */
void sheet_flush(struct sheet *sheet);
void sheet_finish(struct sheet *sheet); /* writes the rest; blocks until it is written */

/* 0, or -errno of the first write that failed; -EPIPE as soon as nobody is left to read. */
int sheet_failure(const struct sheet *sheet);

void sheet_raw(struct sheet *sheet, const char *text);
void sheet_blank(struct sheet *sheet); /* an empty line */

/* `head`, then `text` wrapped to the width, its further lines indented to where it began. A newline in
 * text begins a line. */
void sheet_entry(struct sheet *sheet, enum role head_role, const char *head, enum role role,
                 const char *text);

/* Appends what a learner or an author wrote, made printable, at most `most` bytes of it; what is cut is
 * told by "...". */
void sheet_foreign(struct buf *into, const char *text, size_t most, bool keep_newlines);

/* The same for any JSON value: a string as it is, the rest as compact JSON. */
void sheet_foreign_json(struct buf *into, const json_t *value, size_t most, bool keep_newlines);

#endif
