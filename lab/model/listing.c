#include "model/listing.h"

#include <stdlib.h>

#include "base/alloc.h"

static bool is_wanted(const struct listing *listing, const struct history *history, size_t item) {
    if (listing->kind == LISTING_LINES)
        return history->lines[item].pid == listing->only;
    return record_concerns(history_record(history, history->messages[item]), listing->only);
}

static uint32_t event_of(const struct listing *listing, const struct history *history,
                         size_t item) {
    return listing->kind == LISTING_LINES ? history->lines[item].piece.at : history->messages[item];
}

static void catch_up(struct listing *listing, const struct history *history) {
    bool lines = listing->kind == LISTING_LINES;
    uint64_t dropped = lines ? history->lines_dropped : history->messages_dropped;
    size_t all = lines ? history->line_count : history->message_count;
    if (listing->fitted != listing->only || listing->dropped != dropped || listing->seen > all)
        listing->count = listing->seen = 0;
    listing->fitted = listing->only;
    listing->dropped = dropped;
    for (; listing->seen < all; listing->seen++) {
        if (!is_wanted(listing, history, listing->seen))
            continue;
        GROW(listing->items, listing->capacity, listing->count + 1);
        listing->items[listing->count++] = (uint32_t)listing->seen;
    }
}

size_t listing_fit(struct listing *listing, const struct history *history, uint32_t moment) {
    if (!listing->only)
        return listing->kind == LISTING_LINES ? history_lines_at(history, moment)
                                              : history_messages_at(history, moment);
    catch_up(listing, history);
    size_t low = 0, high = listing->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (event_of(listing, history, listing->items[middle]) < moment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t listing_item(const struct listing *listing, size_t i) {
    return listing->only ? listing->items[i] : i;
}

void listing_release(struct listing *listing) {
    free(listing->items);
    *listing = (struct listing){.kind = listing->kind};
}
