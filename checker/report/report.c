#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "report/formats.h"

static const struct report_ops *const formats[REPORT_FORMAT_COUNT] = {
    [REPORT_TEXT] = &report_text_ops,
    [REPORT_JSON] = &report_json_ops,
    [REPORT_EVENTS] = &report_events_ops,
};

struct report {
    const struct report_ops *ops;
    struct sheet sheet;
    void *state;
};

int report_format_parse(const char *name, enum report_format *format, struct err *err) {
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        if (strcmp(name, formats[i]->name) == 0) {
            *format = (enum report_format)i;
            return 0;
        }
    }
    struct buf known = {0};
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", formats[i]->name);
    int code = err_set(err, EINVAL, "no report format \"%s\"; there are: %s", name, known.data);
    buf_release(&known);
    return code;
}

struct report *report_new(enum report_format format, int fd, bool colour) {
    struct report *report = xcalloc(1, sizeof *report);
    report->ops = formats[format];
    sheet_init(&report->sheet, fd, colour);
    report->state = report->ops->start ? report->ops->start(&report->sheet) : &report->sheet;
    return report;
}

void report_event(struct report *report, const json_t *event) {
    if (!report->ops->event)
        return;
    report->ops->event(report->state, event);
    sheet_flush(&report->sheet);
}

void report_result(struct report *report, const json_t *result) {
    if (!report->ops->result)
        return;
    report->ops->result(report->state, result);
    sheet_finish(&report->sheet);
}

int report_failure(const struct report *report) { return sheet_failure(&report->sheet); }

void report_free(struct report *report) {
    if (!report)
        return;
    if (report->ops->free)
        report->ops->free(report->state);
    sheet_finish(&report->sheet);
    sheet_release(&report->sheet);
    free(report);
}

bool report_wants_colour(int fd) {
    const char *term = getenv("TERM"), *refused = getenv("NO_COLOR");
    return isatty(fd) && !(refused && *refused) && term && *term && strcmp(term, "dumb") != 0;
}
