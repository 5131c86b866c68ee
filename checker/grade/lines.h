/* What the program printed, put together to lines: each process's own on each stream, because two that print
 * at once would else tear each other's.
 *
 *     struct lines lines = {0};
 *     lines_observe(&lines, output_event);
 *     jv all = lines_all(&lines);      // {pid, stream, text, bare, t_ns, seq, ended}...
 *     lines_release(&lines);
 *
 * `bare` is the text as contracts compare it: without blanks, quotes, carriage returns and terminal colour
 * codes. t_ns and seq are those of the write that ended the line. What no newline has ended yet comes last,
 * with ended false.
 */
#ifndef BRIGADE_GRADE_LINES_H
#define BRIGADE_GRADE_LINES_H

#include <jansson.h>
#include <jv.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { LINES_MOST = 20000, LINE_BYTES_MOST = 4096 }; /* more is left out, and cut */

struct open_line {
    int64_t pid, t_ns;
    uint64_t seq;
    char stream[8];
    struct buf text;
};

struct lines { /* visible, because callers place it; all zero is empty */
    jv ended;  /* an array; not one before the first line */
    size_t ended_count;
    struct open_line *open;
    size_t count, capacity;
};

void lines_observe(struct lines *lines, const json_t *event);
jv lines_all(const struct lines *lines);
void lines_release(struct lines *lines);

void append_bare(struct buf *into, const char *text, size_t length);

#endif
