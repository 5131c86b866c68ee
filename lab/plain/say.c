#include "plain/say.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/buf.h"
#include "text/markdown.h"
#include "text/width.h"

enum { COLUMNS_USUAL = 78, COLUMNS_MOST = 84, ROWS_USUAL = 22, ROWS_LEAST = 6 };

struct say say_start(bool unicode) {
    struct say say = {
        .ascii = !unicode || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .columns = COLUMNS_USUAL,
        .rows = ROWS_USUAL,
    };
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 8 && size.ws_row) {
        say.columns = size.ws_col - 1 > COLUMNS_MOST ? COLUMNS_MOST : size.ws_col - 1;
        say.rows = size.ws_row - 2 > ROWS_LEAST ? size.ws_row - 2 : ROWS_LEAST;
    }
    return say;
}

void say_end(struct say *say) {
    free(say->line);
    *say = (struct say){.ended = true};
}

static void write_line(const struct say *say, const char *text, size_t bytes) {
    struct buf shown = {0};
    if (say->ascii)
        width_fold_ascii(&shown, text, bytes);
    else
        width_guard(&shown, text, bytes);
    printf("%.*s\n", (int)shown.length, shown.data ? shown.data : "");
    buf_release(&shown);
}

/* Lines that only draw a rule tell nothing. */
static bool is_rule(const struct buf *line) {
    const char *text = line->data ? line->data : "";
    size_t rule = strlen("─"), used = 0;
    while (*text) {
        bool dash = !strncmp(text, "─", rule);
        if (!dash && *text != ' ')
            return false;
        used += dash;
        text += dash ? rule : 1;
    }
    return used > 1;
}

/* Headings look like others; they are written as in Markdown. */
static const char *heading_mark(const struct lines *lines, const struct line *item) {
    for (size_t s = 0; s < item->span_count; s++) {
        enum tone tone = lines->spans[item->first_span + s].tone;
        if (tone == TONE_TITLE &&
            strncmp(lines->text.data + lines->spans[item->first_span + s].offset, "─", strlen("─")))
            return "# ";
        if (tone == TONE_HEADING)
            return "## ";
    }
    return "";
}

void say_lines(struct say *say, const struct lines *lines, size_t from, size_t to) {
    struct buf line = {0};
    for (size_t i = from; i < to && i < lines->count; i++) {
        const struct line *item = &lines->items[i];
        buf_clear(&line);
        buf_puts(&line, item->span_count ? heading_mark(lines, item) : "");
        for (size_t s = 0; s < lines->items[i].span_count; s++) {
            const struct span *span = &lines->spans[lines->items[i].first_span + s];
            buf_append(&line, lines->text.data + span->offset, span->length);
        }
        while (line.length && line.data[line.length - 1] == ' ')
            line.data[--line.length] = '\0';
        if (!is_rule(&line))
            write_line(say, line.data ? line.data : "", line.length);
    }
    buf_release(&line);
}

void say_item(struct say *say, const char *mark, const char *markdown) {
    struct lines text = {0}, page = {0};
    int indent = width_of(mark, strlen(mark));
    markdown_lay_out(markdown, strlen(markdown), say->columns - indent, &text);
    for (size_t i = 0; i < text.count; i++) {
        char blanks[16];
        snprintf(blanks, sizeof blanks, "%*s", indent, "");
        lines_open(&page);
        lines_puts(&page, TONE_PLAIN, i ? blanks : mark);
        lines_join(&page, &text, i, 0);
    }
    say_lines(say, &page, 0, page.count);
    lines_release(&page);
    lines_release(&text);
}

void say_markdown(struct say *say, const char *markdown) {
    struct lines lines = {0};
    markdown_lay_out(markdown, strlen(markdown), say->columns, &lines);
    say_lines(say, &lines, 0, lines.count);
    lines_release(&lines);
}

void say_text(struct say *say, const char *format, ...) {
    struct buf text = {0};
    struct lines lines = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    const char *from = text.data + strspn(text.data, "\n");
    if (from > text.data)
        putchar('\n');
    lines_wrap(&lines, TONE_PLAIN, from, say->columns, "", *from == ' ' ? "      " : "");
    say_lines(say, &lines, 0, lines.count);
    lines_release(&lines);
    buf_release(&text);
}

const char *say_ask(struct say *say, const char *prompt) {
    fputs(prompt, stdout);
    fflush(stdout);
    ssize_t length = say->ended ? -1 : getline(&say->line, &say->capacity, stdin);
    if (length < 0) {
        say->ended = true;
        putchar('\n');
        return NULL;
    }
    char *answer = say->line + strspn(say->line, " \t");
    for (char *end = answer + strlen(answer); end > answer && strchr(" \t\r\n", end[-1]);)
        *--end = '\0';
    return answer;
}

char say_command(const struct say_command *commands, const char *answer, const char **rest) {
    size_t length = strcspn(answer, " \t");
    *rest = answer + length + strspn(answer + length, " \t");
    for (; commands->key; commands++)
        if ((length == 1 && *answer == commands->key) ||
            (length && strlen(commands->word) == length &&
             !strncmp(commands->word, answer, length)))
            return commands->key;
    return 0;
}

void say_help(struct say *say, const struct say_command *commands) {
    for (; commands->key; commands++)
        say_text(say, "  %c  %-9s %s", commands->key, commands->word, commands->help);
    say_text(say, "An empty line, Enter alone, does what is named first at the prompt.");
}
