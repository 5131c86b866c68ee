#include "proto/outcome.h"

#include <string.h>

static const struct {
    const char *name, *words;
} outcomes[OUTCOME_COUNT] = {
    [OUTCOME_COMPLETED] = {"completed", "ran to the end"},
    [OUTCOME_BUILD_FAILED] = {"build_failed", "did not compile"},
    [OUTCOME_CRASHED] = {"crashed", "died of a signal"},
    [OUTCOME_EXITED] = {"exited", "ended too early"},
    [OUTCOME_DEADLOCKED] = {"deadlocked", "waits for itself: nothing can wake it"},
    [OUTCOME_TIMED_OUT] = {"timed_out", "ran out of time"},
    [OUTCOME_MEMORY] = {"memory", "used too much memory"},
    [OUTCOME_OUTPUT] = {"output", "printed too much"},
    [OUTCOME_PROCESSES] = {"processes", "made too many processes"},
    [OUTCOME_FILES] = {"files", "wrote too much to files"},
    [OUTCOME_STOPPED] = {"stopped", "was stopped"},
    [OUTCOME_ERROR] = {"error", "could not be graded"},
};

const char *outcome_name(enum outcome outcome) { return outcomes[outcome].name; }

const char *outcome_words(enum outcome outcome) { return outcomes[outcome].words; }

bool outcome_parse(const char *name, enum outcome *outcome) {
    for (int i = 0; name && i < OUTCOME_COUNT; i++) {
        if (strcmp(name, outcomes[i].name) == 0) {
            *outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}
