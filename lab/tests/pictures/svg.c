/* Draws a screen as SVG: stdin is what `tmux capture-pane -e -p -N` says of it.
 *
 *     svg COLUMNS ROWS TITLE <screen >picture.svg
 *
 * Understood of SGR (ECMA-48, 8.3.117, and xterm's 38;5): bold, dim, underline, reverse, foreground colours.
 */
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "text/width.h"

enum { CELL_HEIGHT = 16, MARGIN = 14, BASELINE = 12, LINE_MOST = 1 << 16, OWN = -1 };
static const double cell_width = 8.0;

struct style {
    int colour; /* of 256, OWN: the terminal's */
    bool bold, dim, underline, reverse;
};

static const char page[] = "#14171c", ink[] = "#d5d9de";

/* The sixteen; the others by xterm's rule. */
static void put_colour(int colour) {
    static const char *const base[16] = {
        "#14171c", "#f2777a", "#8cc67e", "#e5b567", "#6fa8dc", "#c397d8", "#5fc4c9", "#d5d9de",
        "#6b7280", "#ff9a9d", "#a9dd9b", "#f3cc86", "#92bfea", "#d9b3ea", "#86dde1", "#ffffff"};
    if (colour == OWN)
        printf("%s", ink);
    else if (colour < 16)
        printf("%s", base[colour]);
    else if (colour >= 232)
        printf("#%02x%02x%02x", 8 + 10 * (colour - 232), 8 + 10 * (colour - 232),
               8 + 10 * (colour - 232));
    else
        for (int part = 36, i = 0; i < 3; part /= 6, i++)
            printf("%s%02x", i ? "" : "#",
                   (colour - 16) / part % 6 ? 55 + 40 * ((colour - 16) / part % 6) : 0);
}

static void put_text(const char *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        switch (text[i]) {
        case '&': fputs("&amp;", stdout); break;
        case '<': fputs("&lt;", stdout); break;
        case '>': fputs("&gt;", stdout); break;
        default: putchar(text[i]);
        }
}

/* Text without two blanks in a row: those would shrink to one. */
static void put_piece(const char *text, size_t bytes, const struct style *style, int row,
                      double x) {
    printf("<text x=\"%g\" y=\"%d\" textLength=\"%g\"", x, MARGIN + row * CELL_HEIGHT + BASELINE,
           width_of(text, bytes) * cell_width);
    if (style->reverse) {
        printf(" fill=\"%s\"", page);
    } else if (style->colour != OWN) {
        printf(" fill=\"");
        put_colour(style->colour);
        putchar('"');
    }
    if (style->bold)
        printf(" font-weight=\"700\"");
    if (style->dim)
        printf(" opacity=\".62\"");
    if (style->underline)
        printf(" text-decoration=\"underline\"");
    putchar('>');
    put_text(text, bytes);
    puts("</text>");
}

static void put_run(const struct buf *run, const struct style *style, int row, int column) {
    double x = MARGIN + column * cell_width;
    if (style->reverse) {
        printf("<rect x=\"%g\" y=\"%d\" width=\"%g\" height=\"%d\" fill=\"", x,
               MARGIN + row * CELL_HEIGHT, width_of(run->data, run->length) * cell_width,
               CELL_HEIGHT);
        put_colour(style->colour);
        puts("\"/>");
    }
    for (const char *at = run->data; *at;) {
        size_t blanks = strspn(at, " ");
        x += (double)blanks * cell_width;
        at += blanks;
        const char *end = strstr(at, "  ");
        size_t bytes = end ? (size_t)(end - at) : strlen(at);
        while (bytes && at[bytes - 1] == ' ')
            bytes--;
        if (bytes)
            put_piece(at, bytes, style, row, x);
        x += width_of(at, bytes) * cell_width;
        at += bytes;
    }
}

static void take_number(struct style *style, const int *numbers, int *at, int count) {
    int number = numbers[*at];
    if (number == 0)
        *style = (struct style){.colour = OWN};
    else if (number == 1)
        style->bold = true;
    else if (number == 2)
        style->dim = true;
    else if (number == 4)
        style->underline = true;
    else if (number == 7)
        style->reverse = true;
    else if (number >= 30 && number <= 37)
        style->colour = number - 30;
    else if (number >= 90 && number <= 97)
        style->colour = number - 90 + 8;
    else if (number == 39)
        style->colour = OWN;
    else if (number == 38 && *at + 2 < count)
        style->colour = numbers[ *at += 2];
}

/* From behind ESC [; returns how many bytes it takes. */
static size_t take_sgr(struct style *style, const char *text) {
    enum { NUMBERS_MOST = 16 };
    int numbers[NUMBERS_MOST] = {0}, count = 1;
    size_t i = 0;
    for (; text[i] && text[i] != 'm'; i++)
        if (text[i] == ';' && count < NUMBERS_MOST)
            count++;
        else if (text[i] >= '0' && text[i] <= '9')
            numbers[count - 1] = numbers[count - 1] * 10 + text[i] - '0';
    for (int at = 0; at < count; at++)
        take_number(style, numbers, &at, count);
    return i + (text[i] == 'm');
}

static void draw_line(const char *text, struct style *style, int row) {
    struct buf run = {0};
    int column = 0, start = 0;
    for (size_t i = 0, length = strlen(text); i <= length;) {
        bool escape = !strncmp(text + i, "\033[", 2);
        if ((escape || i == length) && run.length) {
            put_run(&run, style, row, start);
            buf_clear(&run);
        }
        if (i == length)
            break;
        if (escape) {
            i += 2 + take_sgr(style, text + i + 2);
            start = column;
            continue;
        }
        int columns;
        size_t bytes = width_next(text + i, length - i, &columns);
        if (text[i] != '\016' && text[i] != '\017') { /* tmux shifts between character sets */
            buf_append(&run, text + i, bytes);
            column += columns;
        }
        i += bytes;
    }
    buf_release(&run);
}

int main(int argc, char **argv) {
    static char line[LINE_MOST];
    struct style style = {.colour = OWN};
    if (argc != 4) {
        fputs("usage: svg COLUMNS ROWS TITLE <screen >picture.svg\n", stderr);
        return 2;
    }
    setlocale(LC_ALL, "C.UTF-8");
    double width = atoi(argv[1]) * cell_width + 2 * MARGIN;
    int height = atoi(argv[2]) * CELL_HEIGHT + 2 * MARGIN;
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %d\" width=\"%g\" "
           "height=\"%d\" role=\"img\">\n<title>",
           width, height, width, height);
    put_text(argv[3], strlen(argv[3]));
    printf("</title>\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"%s\"/>\n"
           "<g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',"
           "'Liberation Mono',monospace\" font-size=\"13.3\" fill=\"%s\">\n",
           page, ink);
    for (int row = 0; fgets(line, sizeof line, stdin); row++) {
        line[strcspn(line, "\n")] = '\0';
        draw_line(line, &style, row);
    }
    puts("</g>\n</svg>");
    return 0;
}
