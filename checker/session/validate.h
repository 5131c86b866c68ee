/* Proof that an exercise is what it claims: every solution passes, the starter compiles and fails, every mutant
 * fails on the check named for it and on no other but those it names. Each submission is a run of our own program,
 * several at once. */
#ifndef BRIGADE_SESSION_VALIDATE_H
#define BRIGADE_SESSION_VALIDATE_H

#include <stdbool.h>

#include "base/err.h"
#include "proto/outcome.h"

struct validate_options {
    const char *const *exercises; /* ended by NULL; an empty list means all */
    bool real_clock;
    int repeat;                   /* how often each is run; 0: once */
    int jobs;                     /* runs at once; 0: by the number of CPUs */
    const char *only;             /* a part of a submission's path, or NULL */
    const char *logs;             /* a folder for the log of each run, or NULL */
};

/* Prints a line a submission to stdout, and a summary. */
enum exit_code validate(const struct validate_options *options, struct err *err);

#endif
