/* A lesson to read: the page, a search in it, its outline, and the blocks of code that can be run.
 *
 *     lesson_view_open(&view, text, place);        // takes the text; place: 0 or of lesson_view_place
 *     lesson_view_draw(&body, &view);
 *     lesson_view_move(&view, request);            // scrolls, or moves in the outline
 *     lesson_view_release(&view);
 *
 * A place is the number of the block at the top of the page: it outlives another width of the screen.
 */
#ifndef BRIGADE_VIEWS_LESSON_VIEW_H
#define BRIGADE_VIEWS_LESSON_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "text/lines.h"
#include "text/markdown.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

struct lesson_view {
    struct buf text;
    struct lines lines; /* laid out for columns */
    struct marks marks;
    int columns;
    struct scroll scroll;
    size_t place;      /* where to go once laid out, and */
    size_t below;      /* so many lines below it */
    size_t chosen;     /* the block of code, index into marks; NO_MARK: none is on the page */
    char *words;       /* searched for; NULL: no search */
    size_t found_line; /* NO_MARK: nowhere */
    bool in_outline;
    struct scroll outline; /* the headings */
};

#define NO_MARK ((size_t)-1)

void lesson_view_open(struct lesson_view *view, struct buf *text, size_t place);
void lesson_view_release(struct lesson_view *view);

void lesson_view_draw(const struct canvas *body, struct lesson_view *view);
bool lesson_view_move(struct lesson_view *view, enum request request);
size_t lesson_view_place(const struct lesson_view *view);

/* Searches from the top of the page for the words (NULL: those of before), without regard to case, and shows them.
 * by: 0 from here on, 1 the next, -1 the one before. Whether they are there. */
bool lesson_view_search(struct lesson_view *view, const char *words, int by);
void lesson_view_forget_search(struct lesson_view *view);

void lesson_view_open_outline(struct lesson_view *view);
void lesson_view_close_outline(struct lesson_view *view, bool go); /* go: to the chosen heading */

bool lesson_view_has_examples(const struct lesson_view *view); /* anywhere in it */
/* Chooses another block of code that can be run, and shows it. */
void lesson_view_choose(struct lesson_view *view, int by);
/* The chosen block's file and arguments, "bell.c 3"; NULL: none is on the page. */
const char *lesson_view_example(const struct lesson_view *view);

#endif
