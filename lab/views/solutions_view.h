/* The solutions of an exercise, each beside the student's own as a diff. */
#ifndef BRIGADE_VIEWS_SOLUTIONS_VIEW_H
#define BRIGADE_VIEWS_SOLUTIONS_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "text/lines.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

struct solutions_view {
    char **names; /* ended by NULL; owned */
    size_t count;
    struct scroll list, page;
    struct buf diff;    /* of the selected one: the lines as they are shown */
    struct lines lines; /* laid out for columns */
    int columns;
    bool waits; /* for the diff */
};

void solutions_view_draw(const struct canvas *body, struct solutions_view *view);

/* Moves in the list or the page; whether another solution is selected now is told in *chosen. */
bool solutions_view_move(struct solutions_view *view, enum request request, bool *chosen);

void solutions_view_clear(struct solutions_view *view); /* another diff is to come */
/* A line of `diff -u` output (printable, without its newline), put on the page in its tone. `own` and `theirs` are
 * the folders compared, cut off the names of files. */
void solutions_view_add(struct solutions_view *view, const char *line, const char *own,
                        const char *theirs);
void solutions_view_release(struct solutions_view *view);

#endif
