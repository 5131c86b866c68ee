/* An HTTP/1.1 response, parsed as its bytes come (RFC 9112).
 *
 *     struct http_answer answer = {0};
 *     size_t used = http_feed(&answer, bytes, count);   // until http_ended; the rest is not the answer's
 *     http_close(&answer);                              // the peer closed the connection
 *     http_release(&answer);
 *
 * Two kinds of mistakes: with a slip (a header line that ends with \n alone) the answer can still be read,
 * and `slip` says what is wrong; a broken one cannot, and `broken` says why. Both are for the student.
 */
#ifndef BRIGADE_DRIVE_HTTP_H
#define BRIGADE_DRIVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum http_state { /* zero is where an answer begins */
                  HTTP_STATUS_LINE,
                  HTTP_HEADERS,
                  HTTP_COUNTED_BODY,
                  HTTP_CHUNK_SIZE,
                  HTTP_CHUNK_DATA,
                  HTTP_CHUNK_END,
                  HTTP_TRAILERS,
                  HTTP_BODY_TO_CLOSE,
                  HTTP_DONE,
                  HTTP_BROKEN,
};

enum {
    HTTP_LINE_MAX = 8 << 10,
    HTTP_HEAD_MAX = 64 << 10,
    HTTP_BODY_MAX = 1 << 20,
    HTTP_WRITES_MAX = 1024, /* in which an answer may come */
    HTTP_BODY_KEPT = 4096, /* the body's first bytes */
    HTTP_WORDS_MAX = 256,
};

struct http_answer { /* visible, because callers place it and read it; all zero is a fresh one */
    enum http_state state;
    int status; /* 0 until the status line was read */
    int minor;  /* of HTTP/1.minor */
    bool has_length, chunked, says_close, says_keep_alive;
    uint64_t length; /* announced by Content-Length */
    uint64_t left;   /* bytes missing of the body, or of the chunk */
    uint64_t bytes;  /* of the whole answer, so far */
    uint64_t body_bytes;
    size_t head_bytes;
    bool endless;    /* broken, because it was longer than any answer need be */
    struct buf line; /* an unfinished line */
    struct buf body; /* at most HTTP_BODY_KEPT */
    char slip[HTTP_WORDS_MAX];
    char broken[HTTP_WORDS_MAX];
};

size_t http_feed(struct http_answer *answer, const char *bytes, size_t count);
void http_close(struct http_answer *answer);
void http_release(struct http_answer *answer);

bool http_ended(const struct http_answer *answer); /* done or broken */
bool http_may_go_on(
    const struct http_answer *answer); /* done, and the connection may be used again */

/* The answer was done, and `count` bytes more came that nothing announced: a slip. */
void http_excess(struct http_answer *answer, uint64_t count);

/* It has come in more than HTTP_WRITES_MAX writes, and is broken. */
void http_in_shreds(struct http_answer *answer);

/* What an unfinished answer still lacks: "12 of the 31 bytes that Content-Length announces came". */
void http_missing(const struct http_answer *answer, struct buf *into);

#endif
