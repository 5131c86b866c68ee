/* A result, and a run as it goes, told to a person or a program.
 *
 *     struct report *report = report_new(format, stdout_fd, colour);
 *     report_event(report, event);    // every event, in order
 *     report_result(report, result);  // at the end
 *     report_free(report);
 */
#ifndef BRIGADE_REPORT_REPORT_H
#define BRIGADE_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct report;

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_EVENTS, REPORT_FORMAT_COUNT };

int report_format_parse(const char *name, enum report_format *format, struct err *err); /* -EINVAL lists them */

/* `fd` is borrowed. Text: progress while it runs, then the verdict; colour as asked. JSON: the result
 * alone. Events: every event a line, written at once. */
struct report *report_new(enum report_format format, int fd, bool colour);
void report_event(struct report *report, const json_t *event);    /* never blocks */
void report_result(struct report *report, const json_t *result); /* blocks until everything is written */
int report_failure(const struct report *report); /* 0, or -errno: a write failed, or nobody reads any more */
void report_free(struct report *report);

/* Whether a person looks at fd and wants colour: a terminal, no NO_COLOR, TERM not dumb. */
bool report_wants_colour(int fd);

#endif
