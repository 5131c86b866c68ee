/* Requests, summed up load by load: "64 requests, 64 answered, by 11 (16), 12 (48); slowest 12 ms".
 *
 *     struct loads *loads = loads_new();
 *     loads_observe(loads, event);               // request, answer, unanswered; others are ignored
 *     if (loads_tell(loads, step_id, &text)) ... // at the step's end; forgets the load
 *     loads_free(loads);
 */
#ifndef BRIGADE_REPORT_LOADS_H
#define BRIGADE_REPORT_LOADS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

struct loads;

struct loads *loads_new(void);
void loads_free(struct loads *loads);
void loads_observe(struct loads *loads, const json_t *event);
bool loads_tell(struct loads *loads, const char *step, struct buf *into);

#endif
