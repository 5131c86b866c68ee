/* Which slot of a fixed array holds what, when the oldest gives way to the newest. */
#ifndef BRIGADE_MODEL_RING_H
#define BRIGADE_MODEL_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring {
    size_t capacity, count, first;
    uint64_t dropped; /* how many gave way */
};

/* The slot of the next element; when full, that of the oldest, whose content the caller releases. */
static inline size_t ring_push(struct ring *ring) {
    if (ring->count < ring->capacity)
        return (ring->first + ring->count++) % ring->capacity;
    size_t slot = ring->first;
    ring->first = (ring->first + 1) % ring->capacity;
    ring->dropped++;
    return slot;
}

/* The slot of element i, 0 being the oldest. */
static inline size_t ring_slot(const struct ring *ring, size_t i) {
    return (ring->first + i) % ring->capacity;
}

#endif
