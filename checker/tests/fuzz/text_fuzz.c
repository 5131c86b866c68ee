/* Foreign bytes made fit for JSON, for a terminal and for base64: whatever they are, what comes out is
 * valid, harmless, and says what went in.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ichecker \
 *         checker/tests/fuzz/text_fuzz.c checker/base/{alloc,buf,text}.c -ljansson
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_utf8(const struct buf *text) {
    for (size_t i = 0; i < text->length;) {
        uint32_t point;
        size_t length = utf8_next(text->data + i, text->length - i, &point);
        assert(length && point);
        i += length;
    }
}

static void try_utf8(const char *bytes, size_t size) {
    struct buf text = {0};
    bool same = text_append_utf8(&text, bytes, size);
    assert_utf8(&text);
    assert(same == (text.length == size && (!size || memcmp(text.data, bytes, size) == 0)));
    buf_release(&text);
}

static void try_printable(const char *bytes, size_t size, bool keep_newlines) {
    struct buf text = {0}, again = {0};
    text_append_printable(&text, bytes, size, keep_newlines);
    assert_utf8(&text);
    for (size_t i = 0; i < text.length;) {
        uint32_t point;
        i += utf8_next(text.data + i, text.length - i, &point);
        assert(point >= 0x20 || (point == '\n' && keep_newlines));
        assert(point < 0x7f || point >= 0xa0);
    }
    text_append_printable(&again, text.data ? text.data : "", text.length, keep_newlines);
    assert(again.length == text.length); /* nothing left to escape */
    buf_release(&text);
    buf_release(&again);
}

static void try_base64(const char *bytes, size_t size) {
    struct buf encoded = {0}, decoded = {0};
    base64_append(&encoded, bytes, size);
    assert(encoded.length == (size + 2) / 3 * 4);
    assert(base64_decode(&decoded, encoded.data ? encoded.data : "", encoded.length) == 0);
    assert(decoded.length == size && (!size || memcmp(decoded.data, bytes, size) == 0));
    buf_clear(&decoded);
    base64_decode(&decoded, bytes, size);
    assert(decoded.length <= size);
    buf_release(&encoded);
    buf_release(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *bytes = (const char *)data;
    try_utf8(bytes, size);
    try_printable(bytes, size, true);
    try_printable(bytes, size, false);
    try_base64(bytes, size);
    return 0;
}
