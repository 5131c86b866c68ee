/* What a wait step may wait for: a table of conditions, by name. Those who call are steps.c's wait step:
 * `begin` once, `observe` for every event, `met` after anything happened, `tell` when it was in vain.
 */
#ifndef BRIGADE_DRIVE_WAITS_H
#define BRIGADE_DRIVE_WAITS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

struct running;

struct wait_kind {
    const char *name;
    void (*begin)(struct running *running);                        /* NULL: nothing to prepare */
    void (*observe)(struct running *running, const json_t *event); /* NULL: the roster knows */
    bool (*met)(const struct running *running);
    void (*tell)(const struct running *running, struct buf *into); /* what is so instead */
    const char *awaited;                                           /* "waited for %s", in words */
};

extern const struct wait_kind wait_kinds[]; /* ended by a NULL name */

#endif
