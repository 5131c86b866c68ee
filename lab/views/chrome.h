/* What every screen has: the line at the top that says where one is, the line at the bottom with the keys
 * that work now and the state. */
#ifndef BRIGADE_VIEWS_CHROME_H
#define BRIGADE_VIEWS_CHROME_H

#include <stdbool.h>

#include "ui/canvas.h"
#include "ui/keys.h"

enum { CHROME_ROWS_LEAST = 6, CHROME_COLUMNS_LEAST = 30 };

struct hint_bar { /* the bottom line */
    enum place place;
    bool (*works)(const void *ctx, enum request request); /* which keys to show; NULL: all */
    const void *ctx;
    bool leads_back;    /* the way back keeps its place, however narrow it is */
    const char *notice; /* shown in place of the keys; NULL: none */
    bool skips;         /* the key for a free run goes on to the next deadline */
    int kill_pid;       /* named beside the key that kills; 0: none */
    size_t choices;     /* of the question that is asked; 0: none is, or it is answered */
    const char *state;  /* at the right; may be "" */
};

/* "Brigade  5 Try it yourself > stats" and, at the right, the state in its role. */
void chrome_header(const struct canvas *screen, const char *place, const char *state,
                   enum role state_role);
void chrome_bottom(const struct canvas *screen, const struct hint_bar *bar);
void chrome_question(const struct canvas *screen, const char *question);

/* `remark` stands behind what is being typed; NULL: none. */
void chrome_prompt(const struct canvas *screen, const char *label, const char *text,
                   const char *remark);

/* The screen between the two. */
struct canvas chrome_body(const struct canvas *screen);

/* If the screen is too small for anything, says so; true then. */
bool chrome_too_small(const struct canvas *screen);

#endif
