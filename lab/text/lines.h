/* Styled text, laid out as lines: what a pager draws.
 *
 *     struct flow flow = {0};                           // a paragraph, as long as it likes
 *     flow_add(&flow, TONE_PLAIN, "Press ", 6);
 *     flow_add(&flow, TONE_STRONG, "r", 1);
 *     struct lines lines = {0};
 *     lines_flow(&lines, &flow, 78, "  * ", "    ");    // wrapped to 78 columns
 *     lines_release(&lines);  flow_release(&flow);
 *
 * Zeroed structs are empty and valid. Text is copied in. A '\n' in a flow breaks the line there.
 */
#ifndef BRIGADE_TEXT_LINES_H
#define BRIGADE_TEXT_LINES_H

#include <stddef.h>

#include "base/buf.h"

enum tone { /* what a stretch of text is; the theme says how that looks */
            TONE_PLAIN,
            TONE_STRONG,
            TONE_EMPHASIS,
            TONE_CODE,
            TONE_KEYWORD, /* in code */
            TONE_STRING,
            TONE_COMMENT,
            TONE_LINK,
            TONE_TITLE,
            TONE_HEADING,
            TONE_DIM,
            TONE_GOOD,
            TONE_BAD,
            TONE_COUNT
};

struct span { /* a stretch of one tone; offset into the owner's text */
    enum tone tone;
    size_t offset, length;
};

struct flow {
    struct buf text;
    struct span *spans;
    size_t count, capacity;
};

struct line {
    size_t first_span, span_count;
};

struct lines { /* visible, because a pager walks it */
    struct buf text;
    struct span *spans;
    size_t span_count, span_capacity;
    struct line *items;
    size_t count, capacity;
};

void flow_add(struct flow *flow, enum tone tone, const char *text, size_t bytes);
void flow_puts(struct flow *flow, enum tone tone, const char *text);
int flow_columns(const struct flow *flow); /* of its widest line, unwrapped */
void flow_clear(struct flow *flow);
void flow_release(struct flow *flow);

void lines_clear(struct lines *lines);
void lines_release(struct lines *lines);

/* Starts a line, and appends to the last one. */
void lines_open(struct lines *lines);
void lines_add(struct lines *lines, enum tone tone, const char *text, size_t bytes);
void lines_puts(struct lines *lines, enum tone tone, const char *text);

int lines_columns(const struct lines *lines, size_t line);

/* Appends the flow wrapped at spaces to `columns` (a longer word is cut), `first` standing before its
 * first line and `rest` before the others. An empty flow gives one line. */
void lines_flow(struct lines *lines, const struct flow *flow, int columns, const char *first,
                const char *rest);

/* Appends the flow line by line as it stands, however wide. */
void lines_verbatim(struct lines *lines, const struct flow *flow, const char *prefix);

/* Appends text of one tone, wrapped. */
void lines_wrap(struct lines *lines, enum tone tone, const char *text, int columns,
                const char *first, const char *rest);

/* Appends line `line` of another, so that it fills `columns` with blanks behind it. */
void lines_join(struct lines *lines, const struct lines *from, size_t line, int columns);

#endif
