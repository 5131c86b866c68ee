/* Gives a C test program the command line that the runner expects (--list, --case NAME).
 *
 *     #include "tests/harness/cases.h"
 *     static void timers_fire_in_order(void **state) { ... assert_int_equal(a, b); }
 *     static const struct CMUnitTest cases[] = {cmocka_unit_test(timers_fire_in_order)};
 *     CASES_MAIN(cases)
 *
 * Assertions are cmocka's. A case that cannot be judged on this machine calls case_skip, not
 * cmocka's skip(). Started without arguments, all cases run in one process (for a debugger).
 */
#ifndef BRIGADE_TESTS_CASES_H
#define BRIGADE_TESTS_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The runner's default limit holds for each case, or the one given, in seconds. */
#define CASES_MAIN(cases) CASES_MAIN_WITHIN(cases, 0)
#define CASES_MAIN_WITHIN(cases, limit_s)                                                          \
    int main(int argc, char **argv) {                                                              \
        return cases_main(argc, argv, cases, sizeof(cases) / sizeof *(cases), limit_s);            \
    }

int cases_main(int argc, char **argv, const struct CMUnitTest *cases, size_t count, int limit_s);

/* Ends the process with 77; the text becomes the reason shown. */
_Noreturn void case_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* `name` below the build folder ("tests/programs/spin") or the project's; in a static buffer that
 * the next call of the same function overwrites. */
const char *case_built(const char *name);
const char *case_source(const char *name);

#endif
