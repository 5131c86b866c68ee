/* An event in few bytes: what the model keeps of each. Texts are printable (base/text.h).
 *
 *     struct record record;
 *     record_make(event, &record, &arena);     // texts go into the arena, which outlives the record
 *
 * What the rare events carry (the run's beginning and end, checks, compiler messages) is kept as JSON
 * in `text`; record_is_json tells which. For the others the members mean:
 *
 *     type        pid        other     number       extra        text
 *     fork        the child  parent                              "fork", "vfork", ...
 *     thread      of it                the thread                "begin", "end"
 *     exec        who                                            its command line
 *     exit        who                  exit code                 the signal it died of, or ""
 *     reap        the dead   by whom                             how
 *     adopt       the orphan to whom   from whom
 *     signal      to         from                                "SIGTERM"
 *     state       who                                            state, in, on, each ended by NUL
 *     message     from       to        its count    message      the message
 *     received    who                  message
 *     partial     from                 bytes                     them
 *     pass        from       to                     connection   what
 *     output      who                  bytes                     them, newlines kept
 *     listen      who                  port
 *     accept      who                               connection
 *     request                          request      connection   "GET /path"
 *     taken reply who                  request      connection
 *     answer      who        status    request      microseconds
 *     unanswered  who                  request      microseconds "reset"
 *     jump                             from, ns
 *     fault       to whom                                        kind and detail
 *     step                                                       its title, or what it does
 */
#ifndef BRIGADE_MODEL_RECORD_H
#define BRIGADE_MODEL_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/event.h"

enum { RECORD_TEXT_MAX = 600, RECORD_OUTPUT_MAX = 16 << 10 };

enum record_flag {
    RECORD_COUNTS = 1,   /* message: its `number` is a report's count */
    RECORD_WHOLE = 2,    /* message: its newline has come */
    RECORD_INTERNAL = 4, /* message: of a library's own protocol, as node's NODE_ messages */
    RECORD_BEGINS = 8,   /* step */
    RECORD_BY_USER = 16, /* step */
    RECORD_BY_LAB = 32,  /* exit, signal */
    RECORD_AT_END = 64,  /* exit: with the run */
    RECORD_ON_STDERR = 128,
    RECORD_DELIVERED = 256, /* signal */
    RECORD_BY_KERNEL = 512, /* signal */
    RECORD_FAILED = 1024,   /* check */
    RECORD_FINAL = 2048,    /* check */
    RECORD_OF_CASES = 4096, /* fork: of the checker's shell, which goes through the cases */
};

struct record {
    int64_t t_ns;
    const char *text; /* never NULL; the arena's */
    int64_t number;
    uint32_t seq;
    int32_t pid, other, extra; /* pids: 0 is nobody known, or the lab */
    uint8_t type;              /* enum event_type */
    uint16_t flags;
};

/* Memory for texts: grows by blocks that never move, freed as a whole. Zeroed, it is empty. */
struct arena {
    struct arena_block *blocks;
    size_t size_bytes; /* of all blocks */
};

const char *arena_add(struct arena *arena, const char *text,
                      size_t bytes); /* with a NUL behind it */
void arena_release(struct arena *arena);

void record_make(const json_t *event, struct record *record, struct arena *arena);
bool record_is_json(const struct record *record);
json_t *
record_json(const struct record *record); /* the event; the caller's; NULL if it is no JSON */

/* Whether it has to do with a process: from it, to it, or about it. */
bool record_concerns(const struct record *record, int pid);

/* At most `most` bytes of text, printable; the caller frees. */
char *record_printable(const char *text, size_t most, bool keep_newlines);
/* A JSON value in words: text as it is, anything else as JSON; NULL for null. The caller frees. */
char *record_words(const json_t *value, size_t most);

#endif
