/* A run as it goes, for a person: a line for each thing that matters, with the program's own time at
 * the left and the PIDs it happened to. Requests are summed up (loads.h), births that come together
 * share a line, and what repeats without end is cut with a word about it.
 *
 *     struct progress *progress = progress_new(sheet);
 *     progress_event(progress, event);
 *     progress_finish(progress);   // what was held back
 *     progress_free(progress);
 */
#ifndef BRIGADE_REPORT_PROGRESS_H
#define BRIGADE_REPORT_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>

#include "report/sheet.h"

struct progress;

struct progress *progress_new(struct sheet *sheet); /* the sheet is borrowed */
void progress_event(struct progress *progress, const json_t *event);
void progress_finish(struct progress *progress);
bool progress_told_diagnostics(const struct progress *progress);
void progress_free(struct progress *progress);

void progress_diagnostic(struct sheet *sheet,
                         const json_t *diagnostic); /* one of the compiler's words */

#endif
