/* A fuzz target for the response parser (libFuzzer, AFL++ and the like):
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ichecker \
 *         checker/tests/fuzz/http_fuzz.c checker/drive/http.c checker/base/{alloc,buf,text}.c -ljansson
 *
 * The first byte says how the rest is cut. Whatever the bytes, fed whole or in parts, the parser must come
 * to the same end.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "drive/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    size_t part = data[0] % 16 + 1, count = size - 1, fed = 0;
    const char *bytes = (const char *)data + 1;
    struct http_answer whole = {0}, parts = {0};
    size_t used = http_feed(&whole, bytes, count);
    for (size_t at = 0; at < count; at += part)
        fed += http_feed(&parts, bytes + at, count - at < part ? count - at : part);
    assert(whole.state == parts.state && whole.status == parts.status);
    assert(whole.state == HTTP_BROKEN || (used == fed && whole.bytes == parts.bytes));
    assert(whole.body_bytes == parts.body_bytes && whole.body.length == parts.body.length);
    assert(whole.state == HTTP_BROKEN || strcmp(whole.slip, parts.slip) == 0);
    struct buf missing = {0};
    http_missing(&whole, &missing);
    http_close(&whole);
    buf_release(&missing);
    http_release(&whole);
    http_release(&parts);
    return 0;
}
