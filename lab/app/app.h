/* The lab itself: one loop over keys, the checker's events and signals; screens drawn at most sixty times a
 * second and only when something changed.
 *
 *     int code = app_run(&options, keeper);    // the exit code of the program
 */
#ifndef BRIGADE_APP_APP_H
#define BRIGADE_APP_APP_H

#include <stdbool.h>

#include "base/err.h"
#include "term/keeper.h"
#include "term/theme.h"

struct app_options {
    const char *step;      /* id to open; NULL: the list of steps */
    const char *workspace; /* NULL: the environment's, then the default */
    const char *log;       /* a saved log to show; NULL: none */
    enum theme theme;
    bool unicode, mouse;
    bool plain; /* text and prompts, without any of this (plain/plain.h) */
};

int app_run(const struct app_options *options, struct keeper *keeper, struct err *err);

#endif
