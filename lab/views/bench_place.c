/* The line of the source that the bench is about. */
#include <stdio.h>
#include <string.h>

#include "views/bench.h"

static bool place_of(const struct run_diagnostic *diagnostic, struct source_place *place) {
    place->line = diagnostic->line;
    return snprintf(place->file, sizeof place->file, "%s", diagnostic->file) <
           (int)sizeof place->file;
}

bool bench_check_place(const struct run_check *check, struct source_place *place) {
    return check->status != CHECK_PASSED &&
           (source_place_find(check->message, place) || source_place_find(check->actual, place) ||
            source_place_find(check->hint, place));
}

bool bench_crash_place(const struct run *run, struct source_place *place) {
    for (size_t i = 0; i < run->diagnostic_count; i++)
        if (!strcmp(run->diagnostics[i].severity, "crash") && *run->diagnostics[i].file)
            return place_of(&run->diagnostics[i], place);
    return source_place_find(run->outcome_detail, place);
}

static bool place_of_check(const struct bench *bench, struct source_place *place) {
    const struct run *run = bench_judged(bench);
    size_t selected = bench->scrolls[PANE_CHECKS].selected;
    if (bench->focus != PANE_CHECKS)
        return false;
    return (selected < run->check_count && bench_check_place(&run->checks[selected], place)) ||
           bench_crash_place(run, place);
}

bool bench_place(const struct bench *bench, struct source_place *place) {
    const struct run_diagnostic *diagnostic = bench_diagnostic(bench);
    if (!diagnostic || !*diagnostic->file)
        return place_of_check(bench, place);
    return place_of(diagnostic, place);
}
