/* A saved log, or a pipe, that holds anything: however its bytes are cut, the reader finds the same
 * values, and whatever they are, a result and a report can be made of them.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ichecker \
 *         checker/tests/fuzz/reader_fuzz.c checker/{base,proto,report}/[a-z]*.c -ljansson
 *
 * The first byte says how the rest is cut.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "proto/event.h"
#include "proto/reader.h"
#include "proto/result.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct buf text; /* what the reader found, in its order */
    struct result_builder *builder;
    struct report *report;
};

static void use(struct seen *seen, const json_t *event) {
    struct err err = {0};
    if (event_validate(event, &err)) {
        assert(err.text[0]);
        return;
    }
    result_builder_observe(seen->builder, event);
    report_event(seen->report, event);
}

static void on_value(void *ctx, json_t *value, const char *error) {
    struct seen *seen = ctx;
    assert(!value != !error);
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    assert(!value || text);
    buf_printf(&seen->text, "%s\n", value ? text : error);
    free(text);
    if (value && seen->builder)
        use(seen, value);
}

static void read_in_parts(struct seen *seen, const char *bytes, size_t size, size_t part) {
    struct reader reader = {.fn = on_value, .ctx = seen};
    for (size_t at = 0; at < size; at += part)
        reader_feed(&reader, bytes + at, size - at < part ? size - at : part);
    reader_end(&reader);
    reader_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    const char *bytes = (const char *)data + 1;
    struct seen whole = {.builder = result_builder_new(),
                         .report = report_new(REPORT_TEXT, -1, data[0] & 1)};
    struct seen parts = {0};
    read_in_parts(&whole, bytes, size - 1, size);
    read_in_parts(&parts, bytes, size - 1, data[0] % 16 + 1);
    assert(whole.text.length == parts.text.length);
    assert(!whole.text.length || memcmp(whole.text.data, parts.text.data, whole.text.length) == 0);
    json_t *result = result_builder_finish(whole.builder);
    report_result(whole.report, result);
    result_exit_code(result);
    json_decref(result);
    report_free(whole.report);
    buf_release(&whole.text);
    buf_release(&parts.text);
    return 0;
}
