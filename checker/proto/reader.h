/* NDJSON, read as it comes: from a pipe, a saved log, a control channel.
 *
 *     struct reader reader = {.fn = on_value, .ctx = ctx};
 *     reader_feed(&reader, bytes, count);    // any number of times; lines may be split anywhere
 *     reader_end(&reader);                   // a last line without newline
 *     reader_release(&reader);
 */
#ifndef BRIGADE_PROTO_READER_H
#define BRIGADE_PROTO_READER_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"

enum { READER_LINE_MAX = 8 << 20 }; /* a longer line is told as an error and skipped */

/* value is borrowed; NULL when the line was not JSON, then error says why (line number, column). */
typedef void reader_fn(void *ctx, json_t *value, const char *error);

struct reader { /* visible, because callers place it */
    reader_fn *fn;
    void *ctx;
    struct buf partial;
    size_t line; /* lines seen so far */
    int skipping;
};

void reader_feed(struct reader *reader, const char *bytes, size_t count);
void reader_end(struct reader *reader);
void reader_release(struct reader *reader);

#endif
