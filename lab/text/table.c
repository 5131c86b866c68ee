#include "text/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/width.h"

enum { GAP = 2, NARROWEST = 6 };

void table_row(struct table *table, bool heading) {
    GROW(table->rows, table->capacity, table->count + 1);
    table->rows[table->count++] = (struct table_row){.heading = heading};
}

struct flow *table_cell(struct table *table) {
    if (!table->count)
        table_row(table, false);
    struct table_row *row = &table->rows[table->count - 1];
    if (row->count == TABLE_COLUMNS_MAX)
        return &table->spare;
    return &row->cells[row->count++];
}

void table_release(struct table *table) {
    for (size_t r = 0; r < table->count; r++)
        for (size_t c = 0; c < table->rows[r].count; c++)
            flow_release(&table->rows[r].cells[c]);
    flow_release(&table->spare);
    free(table->rows);
    *table = (struct table){0};
}

/* Fills widths, returns how many columns there are. */
static size_t natural_widths(const struct table *table, int widths[TABLE_COLUMNS_MAX]) {
    size_t count = 0;
    for (size_t r = 0; r < table->count; r++) {
        for (size_t c = 0; c < table->rows[r].count; c++) {
            int columns = flow_columns(&table->rows[r].cells[c]);
            widths[c] = columns > widths[c] ? columns : widths[c];
        }
        count = table->rows[r].count > count ? table->rows[r].count : count;
    }
    return count;
}

/* Takes from the widest column until the sum fits or all are at their narrowest. */
static void narrow(int *widths, size_t count, int room) {
    for (;;) {
        int sum = 0;
        size_t widest = 0;
        for (size_t c = 0; c < count; c++) {
            sum += widths[c];
            widest = widths[c] > widths[widest] ? c : widest;
        }
        if (sum <= room || widths[widest] <= NARROWEST)
            return;
        widths[widest]--;
    }
}

static void lay_out_row(const struct table_row *row, const int *widths, size_t count,
                        const char *prefix, struct lines *lines) {
    struct lines cells[TABLE_COLUMNS_MAX] = {0};
    size_t height = 1;
    for (size_t c = 0; c < row->count; c++) {
        lines_flow(&cells[c], &row->cells[c], widths[c], "", "");
        height = cells[c].count > height ? cells[c].count : height;
    }
    for (size_t l = 0; l < height; l++) {
        lines_open(lines);
        lines_puts(lines, TONE_DIM, prefix);
        for (size_t c = 0; c < count; c++) {
            bool last = c + 1 == count;
            lines_join(lines, &cells[c], l, last ? 0 : widths[c] + GAP);
        }
    }
    for (size_t c = 0; c < row->count; c++)
        lines_release(&cells[c]);
}

static void add_rule(const int *widths, size_t count, const char *prefix, struct lines *lines) {
    lines_open(lines);
    lines_puts(lines, TONE_DIM, prefix);
    for (size_t c = 0; c < count; c++) {
        for (int i = 0; i < widths[c]; i++)
            lines_puts(lines, TONE_DIM, "─");
        if (c + 1 < count)
            lines_puts(lines, TONE_DIM, "  ");
    }
}

void table_lay_out(const struct table *table, int columns, const char *prefix,
                   struct lines *lines) {
    int widths[TABLE_COLUMNS_MAX] = {0};
    size_t count = natural_widths(table, widths);
    if (!count)
        return;
    narrow(widths, count, columns - width_of(prefix, strlen(prefix)) - (int)(count - 1) * GAP);
    for (size_t r = 0; r < table->count; r++) {
        lay_out_row(&table->rows[r], widths, count, prefix, lines);
        if (table->rows[r].heading)
            add_rule(widths, count, prefix, lines);
    }
}
