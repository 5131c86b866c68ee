/* The course in plain text: the same steps, files, progress and engine as in the lab, with prompts instead of screens.
 *
 *     int code = plain_run(&options, &err);   // the exit code; -errno with err told
 */
#ifndef BRIGADE_PLAIN_PLAIN_H
#define BRIGADE_PLAIN_PLAIN_H

#include <stdbool.h>

#include "base/err.h"

struct plain_options {
    const char *step;      /* id to open first; NULL: the list */
    const char *workspace; /* NULL: the environment's, then the default */
    bool unicode;
};

int plain_run(const struct plain_options *options, struct err *err);

#endif
