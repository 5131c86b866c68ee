#include "model/timeline.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

/* A bar ends where nobody asks for so long, and shorter jumps of the clock are not worth a row. */
static const int64_t STRETCH_NS = NS_PER_S, JUMP_LEAST_NS = 100 * NS_PER_MS;

enum worth { NOTHING, A_ROW, A_PART_OF_A_BAR };

static bool is_hold(const struct record *record) { return !strncmp(record->text, "hold", 4); }

static enum worth in_overview(const struct record *record) {
    switch (record->type) {
    case EVENT_FORK:
    case EVENT_EXEC:
    case EVENT_EXIT:
    case EVENT_REAP:
    case EVENT_ADOPT:
    case EVENT_LISTEN:
    case EVENT_UNANSWERED:
    case EVENT_END:
    case EVENT_ERROR: return A_ROW;
    case EVENT_MESSAGE: return record->flags & RECORD_INTERNAL ? A_PART_OF_A_BAR : A_ROW;
    case EVENT_SIGNAL:
        return record->flags & (RECORD_DELIVERED | RECORD_BY_KERNEL) ? NOTHING : A_ROW;
    case EVENT_FAULT: return is_hold(record) ? NOTHING : A_ROW;
    case EVENT_STEP: return record->flags & RECORD_BEGINS ? A_ROW : NOTHING;
    case EVENT_CHECK: return record->flags & RECORD_FAILED ? A_ROW : NOTHING;
    case EVENT_JUMP: return record->t_ns - record->number >= JUMP_LEAST_NS ? A_ROW : NOTHING;
    case EVENT_REQUEST:
    case EVENT_ACCEPT:
    case EVENT_TAKEN:
    case EVENT_REPLY:
    case EVENT_ANSWER:
    case EVENT_PASS: return A_PART_OF_A_BAR;
    default: return NOTHING;
    }
}

static enum worth among_requests(const struct record *record) {
    switch (record->type) {
    case EVENT_ANSWER:
    case EVENT_OUTPUT:
    case EVENT_PASS:
    case EVENT_PARTIAL:
    case EVENT_CHECK:
    case EVENT_MESSAGE: return A_ROW;
    case EVENT_SIGNAL: return record->flags & RECORD_BY_KERNEL ? NOTHING : A_ROW;
    default: return in_overview(record) == A_ROW ? A_ROW : NOTHING;
    }
}

static enum worth worth_of(const struct timeline *timeline, const struct record *record) {
    if (timeline->only && !record_concerns(record, timeline->only))
        return NOTHING;
    switch (timeline->zoom) {
    case TIMELINE_OVERVIEW: return in_overview(record);
    case TIMELINE_REQUESTS: return among_requests(record);
    default: return A_ROW;
    }
}

static void add_row(struct timeline *timeline, uint32_t at, bool bar) {
    GROW(timeline->rows, timeline->capacity, timeline->count + 1);
    timeline->rows[timeline->count++] = (struct timeline_row){at, at, bar};
}

/* The bar that this event goes on with; NULL: none. */
static struct timeline_row *open_bar(const struct timeline *timeline, const struct history *history,
                                     const struct record *record) {
    struct timeline_row *row = timeline->count ? &timeline->rows[timeline->count - 1] : NULL;
    if (!row || !row->bar || record->t_ns - history_record(history, row->last)->t_ns >= STRETCH_NS)
        return NULL;
    return row;
}

/* The row of jumps that this one goes on with; NULL: none. */
static struct timeline_row *open_jump(const struct timeline *timeline,
                                      const struct history *history) {
    struct timeline_row *row = timeline->count ? &timeline->rows[timeline->count - 1] : NULL;
    bool jumps = row && history_record(history, row->first)->type == EVENT_JUMP;
    return jumps && timeline->zoom != TIMELINE_EVERYTHING ? row : NULL;
}

void timeline_fit(struct timeline *timeline, const struct history *history) {
    if (timeline->fitted_zoom != timeline->zoom || timeline->fitted_only != timeline->only ||
        timeline->first != history->first || timeline->seen > history->end)
        timeline->count = timeline->seen = 0;
    timeline->fitted_zoom = timeline->zoom;
    timeline->fitted_only = timeline->only;
    timeline->first = history->first;
    if (timeline->seen < history->first)
        timeline->seen = history->first;
    for (; timeline->seen < history->end; timeline->seen++) {
        const struct record *record = history_record(history, timeline->seen);
        enum worth worth = worth_of(timeline, record);
        struct timeline_row *row = worth == A_PART_OF_A_BAR ? open_bar(timeline, history, record)
                                   : record->type == EVENT_JUMP && worth == A_ROW
                                       ? open_jump(timeline, history)
                                       : NULL;
        if (row)
            row->last = timeline->seen;
        else if (worth != NOTHING)
            add_row(timeline, timeline->seen, worth == A_PART_OF_A_BAR);
    }
}

void timeline_release(struct timeline *timeline) {
    free(timeline->rows);
    free(timeline->marks);
}

size_t timeline_row_at(const struct timeline *timeline, uint32_t moment) {
    size_t low = 0, high = timeline->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (timeline->rows[middle].first < moment)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}

static bool is_kind(const struct timeline *timeline, const struct history *history,
                    const struct timeline_row *row, enum timeline_kind kind) {
    const struct record *record = history_record(history, row->first);
    if (kind == TIMELINE_MARKED)
        return timeline_is_marked(timeline, row);
    if (row->bar)
        return false;
    switch (kind) {
    case TIMELINE_MESSAGE:
        return record->type == EVENT_MESSAGE && !(record->flags & RECORD_INTERNAL);
    case TIMELINE_BIRTH: return record->type == EVENT_FORK;
    case TIMELINE_DEATH: return record->type == EVENT_EXIT && !(record->flags & RECORD_AT_END);
    case TIMELINE_FAILED: return record->type == EVENT_CHECK && record->flags & RECORD_FAILED;
    default: return false;
    }
}

size_t timeline_find(const struct timeline *timeline, const struct history *history, size_t from,
                     int by, enum timeline_kind kind) {
    size_t row = from;
    while (by > 0 ? row + 1 < timeline->count : row > 0) {
        row = by > 0 ? row + 1 : row - 1;
        if (is_kind(timeline, history, &timeline->rows[row], kind))
            return row;
    }
    return SIZE_MAX;
}

static struct timeline_share *share_of(struct timeline_share *shares, size_t *count, size_t room,
                                       int pid) {
    for (size_t i = 0; i < *count; i++)
        if (shares[i].pid == pid)
            return &shares[i];
    if (!pid || *count == room)
        return NULL;
    shares[*count] = (struct timeline_share){.pid = pid};
    return &shares[(*count)++];
}

size_t timeline_shares(const struct timeline *timeline, const struct history *history,
                       const struct timeline_row *row, struct timeline_share *shares, size_t room) {
    size_t count = 0;
    for (uint32_t at = row->first; at <= row->last; at++) {
        const struct record *record = history_record(history, at);
        bool counts = record->type == EVENT_ANSWER || record->type == EVENT_TAKEN;
        if (!counts || (timeline->only && record->pid != timeline->only))
            continue;
        struct timeline_share *share = share_of(shares, &count, room, record->pid);
        if (share && record->type == EVENT_ANSWER)
            share->answered++;
        else if (share)
            share->taken++;
    }
    return count;
}

/* --- marks --- */

static int by_number(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

void timeline_mark(struct timeline *timeline, const uint32_t *events, size_t count) {
    free(timeline->marks);
    timeline->marks = count ? xmalloc(count * sizeof *events) : NULL;
    timeline->mark_count = count;
    if (!count)
        return;
    memcpy(timeline->marks, events, count * sizeof *events);
    qsort(timeline->marks, count, sizeof *timeline->marks, by_number);
}

bool timeline_is_marked(const struct timeline *timeline, const struct timeline_row *row) {
    for (size_t i = 0; i < timeline->mark_count; i++)
        if (timeline->marks[i] >= row->first && timeline->marks[i] <= row->last)
            return row->bar || timeline->marks[i] == row->first;
    return false;
}

/* --- what shows a check --- */

enum { TIMES_MAX = 8, NAMED_MAX = 16 };

struct named { /* numbers that the words of a check name */
    int64_t times_ns[TIMES_MAX];
    size_t time_count;
    int pids[NAMED_MAX];
    size_t pid_count;
};

static void read_names(const struct history *history, const char *text, struct named *named) {
    for (const char *at = text; at && *at;) {
        if (!isdigit((unsigned char)*at)) {
            at++;
            continue;
        }
        char *end;
        double number = strtod(at, &end);
        bool is_time = !strncmp(end, " s", 2) && !isalnum((unsigned char)end[2]);
        if (is_time && named->time_count < TIMES_MAX && number < 1e6)
            named->times_ns[named->time_count++] = (int64_t)(number * NS_PER_S);
        else if (!is_time && number < INT32_MAX && named->pid_count < NAMED_MAX &&
                 history_lane(history, (int)number, UINT32_MAX))
            named->pids[named->pid_count++] = (int)number;
        at = end > at ? end : at + 1;
    }
}

static bool fits(const struct record *record, const struct named *named) {
    static const int64_t near_ns = 20 * NS_PER_MS; /* times are told in hundredths of a second */
    bool in_time = !named->time_count, of_them = !named->pid_count;
    for (size_t i = 0; i < named->time_count && !in_time; i++)
        in_time = record->t_ns >= named->times_ns[i] - near_ns &&
                  record->t_ns <= named->times_ns[i] + near_ns;
    for (size_t i = 0; i < named->pid_count && !of_them; i++)
        of_them = record_concerns(record, named->pids[i]);
    return in_time && of_them && in_overview(record) == A_ROW && record->type != EVENT_CHECK;
}

size_t timeline_events_of(const struct history *history, const struct run_check *check,
                          uint32_t *events, size_t room) {
    size_t count = 0;
    for (size_t i = 0; i < check->shown_by_count && count < room; i++) {
        uint32_t at = history_find_seq(history, check->shown_by[i]);
        if (at != UINT32_MAX)
            events[count++] = at;
    }
    if (count)
        return count;
    struct named named = {0};
    read_names(history, check->message, &named);
    if (!named.time_count && !named.pid_count)
        return 0;
    for (uint32_t at = history->first; at < history->end && count < room; at++)
        if (fits(history_record(history, at), &named))
            events[count++] = at;
    return count;
}
