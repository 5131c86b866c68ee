/* What a compiler says, which repeats whatever a source holds: every line of it gives at most one diagnostic, of a
 * known severity and of a place that is not negative.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ichecker \
 *         checker/tests/fuzz/diagnostics_fuzz.c checker/build/diagnostics.c checker/proto/event.c \
 *         checker/base/{alloc,buf,err,text}.c -ljansson
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "build/diagnostics.h"

enum { MOST = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(void *ctx, json_t *event) {
    const char *severity = json_string_value(json_object_get(event, "severity"));
    assert(severity && (strcmp(severity, "error") == 0 || strcmp(severity, "warning") == 0 ||
                        strcmp(severity, "note") == 0));
    assert(json_string_value(json_object_get(event, "file")));
    assert(json_string_value(json_object_get(event, "text")));
    assert(json_integer_value(json_object_get(event, "line")) >= 0);
    assert(json_integer_value(json_object_get(event, "column")) >= 0);
    json_decref(event);
    ++*(size_t *)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t seen = 0, lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    size_t told = diagnostics_parse((const char *)data, size, MOST, look, &seen);
    assert(told == seen && told <= MOST && told <= lines);
    return 0;
}
