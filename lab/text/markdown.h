/* Markdown (CommonMark with tables and strikethrough, by md4c) laid out as lines.
 *
 *     struct lines lines = {0};
 *     markdown_lay_out(text, bytes, 78, &lines);
 *
 * Cheap enough to be done again for every width.
 */
#ifndef BRIGADE_TEXT_MARKDOWN_H
#define BRIGADE_TEXT_MARKDOWN_H

#include <stddef.h>

#include "text/lines.h"

void markdown_lay_out(const char *text, size_t bytes, int columns, struct lines *lines);

/* What stands where on the page: its blocks in order, of which there are as many, whatever the columns, so that the
 * number of a block is a place in the text. */
enum mark_kind { MARK_BLOCK, MARK_HEADING, MARK_CODE };

struct mark {
    enum mark_kind kind;
    size_t line; /* the block's first, index into lines */
    int level;   /* of a heading, from 1 */
    char *text;  /* of a heading its words; of code what is written behind the fence; else NULL */
};

struct marks { /* zeroed: empty */
    struct mark *items;
    size_t count, capacity;
};

/* Code with a file behind its language ("```c bell.c 3") gets a line above it that names file and arguments; the
 * mark's line is that line. */
void markdown_lay_out_marked(const char *text, size_t bytes, int columns, struct lines *lines,
                             struct marks *marks);
void marks_clear(struct marks *marks);
void marks_release(struct marks *marks);

/* The file that a block of code is an excerpt of, with arguments for it ("bell.c 3"), within `info`, what is
 * written behind its fence; NULL: none is named. */
const char *markdown_code_file(const char *info);

#endif
