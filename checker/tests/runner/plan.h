/* Which cases there are. Every test program is asked with --list and answers a line a case:
 * NAME, or NAME, a tab, and the seconds it may take.
 *
 *     struct plan plan = {.limit_s = 120, .scale = 1, .only = pattern};
 *     plan_add(&plan, "build/tests/checker/loop_test");
 *     for (size_t i = 0; i < plan.count; i++) ... plan.cases[i] ...
 *     plan_release(&plan);
 *
 * A program that cannot be listed yields one case that is `broken`, and tells why.
 */
#ifndef BRIGADE_RUNNER_PLAN_H
#define BRIGADE_RUNNER_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct plan_case {
    const char *program; /* path, as given to plan_add; borrowed */
    char *name;
    char *title; /* "loop_test timers_fire"; owned, as is name */
    int limit_s;
    char *broken; /* NULL, or why the program could not be listed */
};

struct plan {
    int limit_s;      /* where a program declares none */
    int scale;        /* every limit is multiplied by this */
    const char *only; /* NULL, or the pattern that a title must contain */
    struct plan_case *cases;
    size_t count;
};

/* Blocks until the program has answered. `program` must outlive the plan. */
void plan_add(struct plan *plan, const char *program);
void plan_release(struct plan *plan);

/* The whole of a captured file as text; the caller frees it. */
char *plan_read_all(int fd);

#endif
