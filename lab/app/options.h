/* The command line of the lab: one table, from which parsing, usage and the manual come.
 *
 *     struct app_options options;
 *     int code = options_parse(&options, argc, argv);    // -1: go on; else the exit code, all is told
 */
#ifndef BRIGADE_APP_OPTIONS_H
#define BRIGADE_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"

struct option_row {
    const char *name, *value; /* value: what stands for it in the usage; NULL: takes none */
    const char *help;
};

const struct option_row *options_table(size_t *count);

int options_parse(struct app_options *options, int argc, char **argv);

#endif
