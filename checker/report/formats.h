/* What a report format is made of. A new format is a file that defines its ops, a line here, a line
 * in report_format and one in the table of report.c. */
#ifndef BRIGADE_REPORT_FORMATS_H
#define BRIGADE_REPORT_FORMATS_H

#include <jansson.h>

#include "report/sheet.h"

struct report_ops {
    const char *name;                                /* as after --format */
    void *(*start)(struct sheet *sheet);             /* NULL: no state but the sheet itself */
    void (*event)(void *state, const json_t *event); /* NULL: does not care */
    void (*result)(void *state, const json_t *result);
    void (*free)(void *state); /* NULL: nothing to free; the sheet is not the format's */
};

extern const struct report_ops report_text_ops;
extern const struct report_ops report_json_ops;
extern const struct report_ops report_events_ops;

#endif
