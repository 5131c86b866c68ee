/* The members of a step: a table of what each kind takes, and the check against it. */
#ifndef BRIGADE_DRIVE_OPTIONS_H
#define BRIGADE_DRIVE_OPTIONS_H

#include "drive/roster.h"

enum {
    LOAD_AT_ONCE_MAX = 512 /* connections; a process may hold 1,024 descriptors on most machines */
};

int signal_number(const char *name); /* "SIGTERM"; 0: there is none of that name */
enum pick pick_of(const char *name); /* "busiest"; checked before */

#endif
