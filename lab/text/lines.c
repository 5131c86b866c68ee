#include "text/lines.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/width.h"

void flow_add(struct flow *flow, enum tone tone, const char *text, size_t bytes) {
    if (!bytes)
        return;
    GROW(flow->spans, flow->capacity, flow->count + 1);
    flow->spans[flow->count++] = (struct span){tone, flow->text.length, bytes};
    buf_append(&flow->text, text, bytes);
}

void flow_puts(struct flow *flow, enum tone tone, const char *text) {
    flow_add(flow, tone, text, strlen(text));
}

int flow_columns(const struct flow *flow) {
    int widest = 0;
    for (size_t i = 0; i < flow->text.length;) {
        const char *at = flow->text.data + i;
        const char *newline = memchr(at, '\n', flow->text.length - i);
        size_t bytes = newline ? (size_t)(newline - at) : flow->text.length - i;
        int columns = width_of(at, bytes);
        widest = columns > widest ? columns : widest;
        i += bytes + 1;
    }
    return widest;
}

void flow_clear(struct flow *flow) {
    buf_clear(&flow->text);
    flow->count = 0;
}

void flow_release(struct flow *flow) {
    buf_release(&flow->text);
    free(flow->spans);
    *flow = (struct flow){0};
}

void lines_clear(struct lines *lines) {
    buf_clear(&lines->text);
    lines->span_count = lines->count = 0;
}

void lines_release(struct lines *lines) {
    buf_release(&lines->text);
    free(lines->spans);
    free(lines->items);
    *lines = (struct lines){0};
}

void lines_open(struct lines *lines) {
    GROW(lines->items, lines->capacity, lines->count + 1);
    lines->items[lines->count++] = (struct line){lines->span_count, 0};
}

void lines_add(struct lines *lines, enum tone tone, const char *text, size_t bytes) {
    if (!bytes)
        return;
    if (!lines->count)
        lines_open(lines);
    GROW(lines->spans, lines->span_capacity, lines->span_count + 1);
    lines->spans[lines->span_count++] = (struct span){tone, lines->text.length, bytes};
    lines->items[lines->count - 1].span_count++;
    buf_append(&lines->text, text, bytes);
}

void lines_puts(struct lines *lines, enum tone tone, const char *text) {
    lines_add(lines, tone, text, strlen(text));
}

int lines_columns(const struct lines *lines, size_t line) {
    int columns = 0;
    for (size_t i = 0; i < lines->items[line].span_count; i++) {
        const struct span *span = &lines->spans[lines->items[line].first_span + i];
        columns += width_of(lines->text.data + span->offset, span->length);
    }
    return columns;
}

/* Appends bytes [from, to) of the flow to the last line, each stretch in its tone. */
static void add_slice(struct lines *lines, const struct flow *flow, size_t from, size_t to) {
    for (size_t i = 0; i < flow->count; i++) {
        size_t start = flow->spans[i].offset, end = start + flow->spans[i].length;
        start = start < from ? from : start;
        end = end > to ? to : end;
        if (start < end)
            lines_add(lines, flow->spans[i].tone, flow->text.data + start, end - start);
    }
}

struct piece {   /* one line's worth of a flow */
    size_t end;  /* where the line ends */
    size_t next; /* where the following one starts */
    bool forced; /* ended by a newline */
};

static struct piece next_piece(const struct flow *flow, size_t from, int columns) {
    const char *text = flow->text.data;
    size_t length = flow->text.length, i = from;
    struct piece space = {0};
    int used = 0;
    while (i < length) {
        if (text[i] == '\n')
            return (struct piece){i, i + 1, true};
        int here;
        size_t bytes = width_next(text + i, length - i, &here);
        if (used + here > columns && text[i] != ' ')
            break;
        if (text[i] == ' ')
            space = (struct piece){i, i + 1, false};
        used += here;
        i += bytes;
    }
    if (i >= length)
        return (struct piece){length, length, false};
    if (space.next > from)
        return space;
    if (i == from) /* not even one character fits: take it all the same */
        i += width_next(text + i, length - i, &(int){0});
    return (struct piece){i, i, false};
}

void lines_flow(struct lines *lines, const struct flow *flow, int columns, const char *first,
                const char *rest) {
    size_t from = 0;
    const char *prefix = first;
    do {
        int room = columns - width_of(prefix, strlen(prefix));
        struct piece piece = next_piece(flow, from, room > 1 ? room : 1);
        size_t end = piece.end;
        while (end > from && flow->text.data[end - 1] == ' ')
            end--;
        lines_open(lines);
        lines_puts(lines, TONE_DIM, prefix);
        add_slice(lines, flow, from, end);
        from = piece.next;
        while (!piece.forced && from < flow->text.length && flow->text.data[from] == ' ')
            from++;
        prefix = rest;
    } while (from < flow->text.length);
}

void lines_verbatim(struct lines *lines, const struct flow *flow, const char *prefix) {
    lines_flow(lines, flow, INT_MAX, prefix, prefix);
}

void lines_wrap(struct lines *lines, enum tone tone, const char *text, int columns,
                const char *first, const char *rest) {
    struct flow flow = {0};
    flow_puts(&flow, tone, text);
    lines_flow(lines, &flow, columns, first, rest);
    flow_release(&flow);
}

void lines_join(struct lines *lines, const struct lines *from, size_t line, int columns) {
    int used = 0;
    if (line < from->count) {
        const struct line *item = &from->items[line];
        for (size_t i = 0; i < item->span_count; i++) {
            const struct span *span = &from->spans[item->first_span + i];
            lines_add(lines, span->tone, from->text.data + span->offset, span->length);
        }
        used = lines_columns(from, line);
    }
    for (; used < columns; used++)
        lines_add(lines, TONE_PLAIN, " ", 1);
}
