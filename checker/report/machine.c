/* The formats that programs read: the result as JSON, the events as NDJSON. */
#include <stdlib.h>

#include "proto/event.h"
#include "report/formats.h"

static void put_result(void *state, const json_t *result) {
    char *text = json_dumps(result, JSON_INDENT(2));
    sheet_raw(state, text ? text : "null");
    sheet_raw(state, "\n");
    free(text);
}

static void put_event(void *state, const json_t *event) {
    char *line = event_line(event);
    sheet_raw(state, line);
    free(line);
}

const struct report_ops report_json_ops = {.name = "json", .result = put_result};

/* The result is in the verdict event. */
const struct report_ops report_events_ops = {.name = "events", .event = put_event};
