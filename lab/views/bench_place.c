/* The line of the source that the bench is about. */
#include <stdio.h>

#include "views/bench.h"

bool bench_check_place(const struct run_check *check, struct source_place *place) {
    return check->status != CHECK_PASSED &&
           (source_place_find(check->message, place) || source_place_find(check->actual, place) ||
            source_place_find(check->hint, place));
}

static bool place_of_check(const struct bench *bench, struct source_place *place) {
    const struct run *run = bench_judged(bench);
    size_t selected = bench->scrolls[PANE_CHECKS].selected;
    if (bench->focus != PANE_CHECKS)
        return false;
    return (selected < run->check_count && bench_check_place(&run->checks[selected], place)) ||
           source_place_find(run->outcome_detail, place);
}

bool bench_place(const struct bench *bench, struct source_place *place) {
    const struct run_diagnostic *diagnostic = bench_diagnostic(bench);
    if (!diagnostic || !*diagnostic->file)
        return place_of_check(bench, place);
    place->line = diagnostic->line;
    return snprintf(place->file, sizeof place->file, "%s", diagnostic->file) <
           (int)sizeof place->file;
}
