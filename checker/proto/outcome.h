/* How a run ended. Every submission ends in exactly one outcome; OUTCOME_ERROR is a fault of ours
 * or of the machine and is never a mark for the learner. */
#ifndef BRIGADE_PROTO_OUTCOME_H
#define BRIGADE_PROTO_OUTCOME_H

#include <stdbool.h>

enum outcome {
    OUTCOME_COMPLETED,    /* ran to the end of the scenario; the checks decide */
    OUTCOME_BUILD_FAILED, /* did not compile */
    OUTCOME_CRASHED,      /* the first process died of a signal */
    OUTCOME_EXITED,       /* the first process ended before the scenario did */
    OUTCOME_DEADLOCKED,   /* every process waits and nothing can wake them */
    OUTCOME_TIMED_OUT,
    OUTCOME_MEMORY,
    OUTCOME_OUTPUT,
    OUTCOME_PROCESSES,
    OUTCOME_FILES,
    OUTCOME_STOPPED,      /* by the person at the keyboard, or a signal to the checker; nothing is graded */
    OUTCOME_ERROR,
    OUTCOME_COUNT
};

enum exit_code { /* of `brigade-check` */
    EXIT_PASSED = 0,
    EXIT_NOT_PASSED = 1,
    EXIT_USAGE = 2, /* the command line or a manifest is wrong */
    EXIT_CANNOT_GRADE = 3,
};

const char *outcome_name(enum outcome outcome);        /* "timed_out" */
const char *outcome_words(enum outcome outcome);       /* "ran out of time" */
bool outcome_parse(const char *name, enum outcome *outcome);

#endif
