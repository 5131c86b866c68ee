/* A table of paragraphs, laid out as lines: columns as wide as they need, narrowed where the whole does
 * not fit, cells wrapped.
 *
 *     struct table table = {0};
 *     table_row(&table, true);                    // a heading
 *     flow_puts(table_cell(&table), TONE_STRONG, "check");
 *     table_lay_out(&table, 78, "  ", &lines);
 *     table_release(&table);
 */
#ifndef BRIGADE_TEXT_TABLE_H
#define BRIGADE_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/lines.h"

enum { TABLE_COLUMNS_MAX = 12 };

struct table_row {
    struct flow cells[TABLE_COLUMNS_MAX];
    size_t count;
    bool heading;
};

struct table { /* visible, because callers place it; zeroed it is empty */
    struct table_row *rows;
    size_t count, capacity;
    struct flow spare; /* takes what stands in columns past the last */
};

void table_row(struct table *table, bool heading);
struct flow *
table_cell(struct table *table); /* the next cell of the last row; borrowed until the next call */
void table_lay_out(const struct table *table, int columns, const char *prefix, struct lines *lines);
void table_release(struct table *table);

#endif
