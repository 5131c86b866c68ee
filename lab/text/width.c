#include "text/width.h"

#include <wchar.h>

#include "base/text.h"

size_t width_next(const char *at, size_t left, int *columns) {
    uint32_t point = 0;
    size_t length = utf8_next(at, left, &point);
    int width = length ? wcwidth((wchar_t)point) : 1;
    *columns = width < 0 ? 1 : width;
    return length ? length : left > 0;
}

int width_of(const char *text, size_t bytes) {
    int total = 0, columns;
    for (size_t i = 0; i < bytes; total += columns)
        i += width_next(text + i, bytes - i, &columns);
    return total;
}

size_t width_fit(const char *text, size_t bytes, int columns, int *used) {
    size_t i = 0;
    int total = 0;
    while (i < bytes) {
        int here;
        size_t length = width_next(text + i, bytes - i, &here);
        if (total + here > columns)
            break;
        total += here;
        i += length;
    }
    if (used)
        *used = total;
    return i;
}

static const struct look_alike {
    uint32_t point;
    char ascii;
} look_alikes[] = {
    {0x00a0, ' '}, {0x00ab, '"'}, {0x00b7, '.'}, {0x00bb, '"'}, {0x00d7, 'x'},  {0x2010, '-'},
    {0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''},
    {0x201c, '"'}, {0x201d, '"'}, {0x2022, '*'}, {0x2026, '.'}, {0x2190, '<'},  {0x2191, '^'},
    {0x2192, '>'}, {0x2193, 'v'}, {0x2212, '-'}, {0x2264, '<'}, {0x2265, '>'},  {0x2500, '-'},
    {0x2502, '|'}, {0x250c, '+'}, {0x2510, '+'}, {0x2514, '+'}, {0x2518, '+'},  {0x251c, '+'},
    {0x2524, '+'}, {0x252c, '+'}, {0x2534, '+'}, {0x253c, '+'}, {0x2588, '#'},  {0x2591, '.'},
    {0x2501, '='}, {0x2504, '.'}, {0x250a, ':'}, {0x2573, 'x'}, {0x2575, '\''}, {0x2578, '='},
    {0x25a0, '#'}, {0x25c6, '*'}, {0x22ee, ':'}, {0x203a, '>'}, {0x2039, '<'},  {0x25b6, '>'},
    {0x25ba, '>'}, {0x25bc, 'v'}, {0x2713, '+'}, {0x2717, 'x'},
};

static char ascii_for(uint32_t point) {
    for (size_t i = 0; i < sizeof look_alikes / sizeof look_alikes[0]; i++)
        if (look_alikes[i].point == point)
            return look_alikes[i].ascii;
    return '?';
}

void width_fold_ascii(struct buf *into, const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes;) {
        uint32_t point = '?';
        int columns;
        utf8_next(text + i, bytes - i, &point);
        i += width_next(text + i, bytes - i, &columns);
        char c = point >= 0x20 && point < 0x7f ? (char)point : ascii_for(point);
        for (; columns > 0; columns--)
            buf_putc(into, c);
    }
}

void width_guard(struct buf *into, const char *text, size_t bytes) {
    bool base_seen = false;
    for (size_t i = 0; i < bytes;) {
        uint32_t point = 0;
        size_t length = utf8_next(text + i, bytes - i, &point);
        int columns = length ? wcwidth((wchar_t)point) : -1;
        if (columns < 0 || point == 0)
            buf_putc(into, '?');
        else if (text_is_hidden(point)) /* else it would reorder or hide what stands beside it */
            buf_append(into, "??", (size_t)columns);
        else if (columns > 0 || base_seen)
            buf_append(into, text + i, length);
        base_seen = base_seen || columns != 0;
        i += length ? length : 1;
    }
}
