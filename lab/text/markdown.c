#include "text/markdown.h"

#include <md4c.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "text/code.h"
#include "text/table.h"
#include "text/width.h"

enum { DEPTH_MAX = 32 };

struct list {
    bool ordered, tight;
    unsigned number;
};

struct layout {
    struct lines *lines;
    struct marks *marks; /* NULL: not wanted */
    int heading;         /* the level of the heading being read; 0: none */
    char *info;          /* of the code being read */
    int columns;
    struct flow flow;               /* the paragraph, or code block, being read */
    struct buf first, rest;         /* what stands before its first line, and before the others */
    size_t rest_lengths[DEPTH_MAX]; /* of `rest` before each open list item or quote */
    int depth;
    struct list lists[DEPTH_MAX];
    int list_depth;
    enum tone tones[DEPTH_MAX]; /* open emphasis, links and the like */
    int tone_depth;
    bool gap; /* a blank line is due before the next block */
    bool in_code, in_cell;
    char language[16];
    struct table table;
    struct flow *cell; /* borrowed from table */
};

static const char *text_of(const struct buf *buf) { return buf->data ? buf->data : ""; }

static void restart_prefix(struct layout *layout) {
    buf_clear(&layout->first);
    buf_puts(&layout->first, text_of(&layout->rest));
}

static void blank_line(struct layout *layout) {
    if (layout->gap && layout->lines->count) {
        lines_open(layout->lines);
        lines_puts(layout->lines, TONE_DIM, text_of(&layout->rest));
    }
    layout->gap = false;
}

static bool is_tight(const struct layout *layout) {
    return layout->list_depth && layout->list_depth <= DEPTH_MAX &&
           layout->lists[layout->list_depth - 1].tight;
}

static void add_mark(struct layout *layout, enum mark_kind kind, const char *text) {
    struct marks *marks = layout->marks;
    if (!marks)
        return;
    GROW(marks->items, marks->capacity, marks->count + 1);
    marks->items[marks->count++] =
        (struct mark){kind, layout->lines->count, layout->heading, xstrdup(text)};
}

void marks_clear(struct marks *marks) {
    while (marks->count)
        free(marks->items[--marks->count].text);
}

void marks_release(struct marks *marks) {
    marks_clear(marks);
    free(marks->items);
    *marks = (struct marks){0};
}

/* Ends the paragraph that was read, if there is one. */
static void emit(struct layout *layout) {
    if (!layout->flow.count)
        return;
    blank_line(layout);
    add_mark(layout, layout->heading ? MARK_HEADING : MARK_BLOCK,
             layout->heading ? text_of(&layout->flow.text) : NULL);
    lines_flow(layout->lines, &layout->flow, layout->columns, text_of(&layout->first),
               text_of(&layout->rest));
    flow_clear(&layout->flow);
    restart_prefix(layout);
    layout->gap = !is_tight(layout);
}

/* Drawings keep their shape and are cut at the edge; code and commands are wrapped. */
static bool is_drawing(const struct layout *layout, const struct flow *code) {
    const char *text = text_of(&code->text);
    return !*layout->language && strncmp(text, "$ ", 2) && strncmp(text, "cd ", 3);
}

const char *markdown_code_file(const char *info) {
    info += strcspn(info, " \t");
    info += strspn(info, " \t");
    return strcspn(info, ".") < strcspn(info, " \t") ? info : NULL; /* else a remark: "unordered" */
}

static void add_file_line(struct layout *layout) {
    const char *file = layout->info ? markdown_code_file(layout->info) : NULL;
    if (!file)
        return;
    lines_open(layout->lines);
    lines_puts(layout->lines, TONE_DIM, text_of(&layout->first));
    lines_puts(layout->lines, TONE_LINK, file);
}

static void emit_code(struct layout *layout) {
    struct flow code = {0};
    size_t length = layout->flow.text.length;
    while (length && layout->flow.text.data[length - 1] == '\n')
        length--;
    code_add(&code, layout->language, text_of(&layout->flow.text), length);
    flow_clear(&layout->flow);
    blank_line(layout);
    add_mark(layout, MARK_CODE, layout->info);
    size_t first_length = layout->first.length, rest_length = layout->rest.length;
    buf_puts(&layout->first, "  ");
    buf_puts(&layout->rest, "  ");
    add_file_line(layout);
    if (is_drawing(layout, &code))
        lines_verbatim(layout->lines, &code, text_of(&layout->rest));
    else
        lines_flow(layout->lines, &code, layout->columns, text_of(&layout->first),
                   text_of(&layout->rest));
    layout->first.length = first_length;
    layout->rest.length = rest_length;
    if (layout->rest.data)
        layout->rest.data[rest_length] = '\0';
    restart_prefix(layout);
    flow_release(&code);
    layout->gap = true;
}

static void emit_heading(struct layout *layout, unsigned level) {
    int columns = flow_columns(&layout->flow);
    layout->heading = (int)level;
    emit(layout);
    layout->heading = 0;
    if (level == 1) {
        lines_open(layout->lines);
        lines_puts(layout->lines, TONE_DIM, text_of(&layout->rest));
        for (int i = 0; i < columns && i < layout->columns; i++)
            lines_puts(layout->lines, TONE_TITLE, "─");
    }
    layout->gap = true;
}

static void emit_rule(struct layout *layout) {
    blank_line(layout);
    lines_open(layout->lines);
    lines_puts(layout->lines, TONE_DIM, text_of(&layout->first));
    int left = layout->columns - width_of(text_of(&layout->first), layout->first.length);
    for (int i = 0; i < left; i++)
        lines_puts(layout->lines, TONE_DIM, "─");
    layout->gap = true;
}

static void open_container(struct layout *layout, const char *first, const char *rest) {
    blank_line(layout);
    if (layout->depth < DEPTH_MAX)
        layout->rest_lengths[layout->depth] = layout->rest.length;
    layout->depth++;
    buf_puts(&layout->first, first);
    buf_puts(&layout->rest, rest);
}

static void close_container(struct layout *layout) {
    layout->depth--;
    if (layout->depth < DEPTH_MAX) {
        layout->rest.length = layout->rest_lengths[layout->depth];
        if (layout->rest.data)
            layout->rest.data[layout->rest.length] = '\0';
    }
    restart_prefix(layout);
}

static void open_item(struct layout *layout) {
    char first[16] = "• ", rest[16] = "  ";
    if (layout->list_depth && layout->list_depth <= DEPTH_MAX) {
        struct list *list = &layout->lists[layout->list_depth - 1];
        if (list->ordered) {
            int length = snprintf(first, sizeof first, "%u. ", list->number++ % 10000);
            snprintf(rest, sizeof rest, "%*s", length, "");
        }
    }
    open_container(layout, first, rest);
}

static void open_list(struct layout *layout, struct list list) {
    emit(layout); /* a tight item's own text comes without a paragraph */
    if (layout->list_depth < DEPTH_MAX)
        layout->lists[layout->list_depth] = list;
    layout->list_depth++;
}

static void push_tone(struct layout *layout, enum tone tone) {
    if (layout->tone_depth < DEPTH_MAX)
        layout->tones[layout->tone_depth] = tone;
    layout->tone_depth++;
}

static enum tone tone_now(const struct layout *layout) {
    int depth = layout->tone_depth > DEPTH_MAX ? DEPTH_MAX : layout->tone_depth;
    return depth ? layout->tones[depth - 1] : TONE_PLAIN;
}

static void open_code(struct layout *layout, const MD_BLOCK_CODE_DETAIL *code) {
    size_t length = code->lang.size;
    if (length >= sizeof layout->language)
        length = 0;
    if (length)
        memcpy(layout->language, code->lang.text, length);
    layout->language[length] = '\0';
    free(layout->info);
    layout->info = code->info.size ? xstrndup(code->info.text, code->info.size) : NULL;
    layout->in_code = true;
}

static int on_block(MD_BLOCKTYPE type, void *detail, void *ctx) {
    struct layout *layout = ctx;
    const MD_BLOCK_UL_DETAIL *bullets = detail;
    const MD_BLOCK_OL_DETAIL *numbers = detail;
    const MD_BLOCK_H_DETAIL *heading = detail;
    switch (type) {
    case MD_BLOCK_QUOTE: open_container(layout, "│ ", "│ "); break;
    case MD_BLOCK_UL: open_list(layout, (struct list){.tight = bullets->is_tight}); break;
    case MD_BLOCK_OL:
        open_list(layout, (struct list){true, numbers->is_tight, numbers->start});
        break;
    case MD_BLOCK_LI: open_item(layout); break;
    case MD_BLOCK_HR: emit_rule(layout); break;
    case MD_BLOCK_H: push_tone(layout, heading->level == 1 ? TONE_TITLE : TONE_HEADING); break;
    case MD_BLOCK_CODE:
        emit(layout);
        open_code(layout, detail);
        break;
    case MD_BLOCK_TR: table_row(&layout->table, layout->in_cell); break;
    case MD_BLOCK_THEAD: layout->in_cell = true; break;
    case MD_BLOCK_TBODY: layout->in_cell = false; break;
    case MD_BLOCK_TH: push_tone(layout, TONE_STRONG); /* fallthrough */
    case MD_BLOCK_TD: layout->cell = table_cell(&layout->table); break;
    default: break;
    }
    return 0;
}

static void close_table(struct layout *layout) {
    blank_line(layout);
    add_mark(layout, MARK_BLOCK, NULL);
    table_lay_out(&layout->table, layout->columns, text_of(&layout->rest), layout->lines);
    table_release(&layout->table);
    restart_prefix(layout);
    layout->gap = true;
}

static int on_block_end(MD_BLOCKTYPE type, void *detail, void *ctx) {
    struct layout *layout = ctx;
    switch (type) {
    case MD_BLOCK_P: emit(layout); break;
    case MD_BLOCK_H:
        layout->tone_depth--;
        emit_heading(layout, ((MD_BLOCK_H_DETAIL *)detail)->level);
        break;
    case MD_BLOCK_CODE:
        layout->in_code = false;
        emit_code(layout);
        break;
    case MD_BLOCK_QUOTE:
        close_container(layout);
        layout->gap = true;
        break;
    case MD_BLOCK_LI:
        emit(layout);
        close_container(layout);
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        layout->list_depth--;
        layout->gap = !is_tight(layout);
        break;
    case MD_BLOCK_TH: layout->tone_depth--; /* fallthrough */
    case MD_BLOCK_TD: layout->cell = NULL; break;
    case MD_BLOCK_TABLE: close_table(layout); break;
    default: break;
    }
    return 0;
}

static int on_span(MD_SPANTYPE type, void *detail, void *ctx) {
    struct layout *layout = ctx;
    (void)detail;
    enum tone now = tone_now(layout);
    static const enum tone tones[] = {
        [MD_SPAN_EM] = TONE_EMPHASIS, [MD_SPAN_STRONG] = TONE_STRONG, [MD_SPAN_A] = TONE_LINK,
        [MD_SPAN_IMG] = TONE_DIM,     [MD_SPAN_CODE] = TONE_CODE,     [MD_SPAN_DEL] = TONE_DIM,
    };
    bool known = (size_t)type < sizeof tones / sizeof tones[0];
    bool heading = now == TONE_TITLE || now == TONE_HEADING;
    push_tone(layout, known && !heading ? tones[type] : now);
    return 0;
}

/* Where a link leads, behind its words, unless they say it themselves. */
static void add_target(struct layout *layout, const MD_SPAN_A_DETAIL *link) {
    struct flow *into = layout->cell ? layout->cell : &layout->flow;
    const char *href = link->href.text;
    size_t bytes = link->href.size;
    bool away = bytes > 4 && (!memcmp(href, "http", 4) || !memcmp(href, "mail", 4));
    bool said = into->text.length >= bytes && bytes &&
                !memcmp(into->text.data + into->text.length - bytes, href, bytes);
    if (!away || said)
        return;
    flow_puts(into, TONE_DIM, " <");
    flow_add(into, TONE_DIM, href, bytes);
    flow_puts(into, TONE_DIM, ">");
}

static int on_span_end(MD_SPANTYPE type, void *detail, void *ctx) {
    struct layout *layout = ctx;
    if (type == MD_SPAN_A)
        add_target(layout, detail);
    layout->tone_depth--;
    return 0;
}

static const struct entity {
    const char *name, *text;
} entities[] = {
    {"&amp;", "&"},   {"&lt;", "<"},    {"&gt;", ">"},     {"&quot;", "\""}, {"&nbsp;", " "},
    {"&mdash;", "—"}, {"&ndash;", "–"}, {"&hellip;", "…"}, {"&times;", "×"}, {"&copy;", "©"},
};

static void add_entity(struct flow *into, enum tone tone, const char *text, size_t bytes) {
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (strlen(entities[i].name) == bytes && !memcmp(entities[i].name, text, bytes)) {
            flow_puts(into, tone, entities[i].text);
            return;
        }
    flow_add(into, tone, text, bytes);
}

static void add_code_text(struct layout *layout, const char *text, size_t bytes) {
    struct buf clean = {0};
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\t')
            buf_puts(&clean, "    ");
        else
            buf_putc(&clean, text[i]);
    }
    flow_add(&layout->flow, TONE_CODE, text_of(&clean), clean.length);
    buf_release(&clean);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx) {
    struct layout *layout = ctx;
    struct flow *into = layout->cell ? layout->cell : &layout->flow;
    enum tone tone = tone_now(layout);
    switch (type) {
    case MD_TEXT_BR: flow_puts(into, tone, "\n"); break;
    case MD_TEXT_SOFTBR: flow_puts(into, tone, " "); break;
    case MD_TEXT_ENTITY: add_entity(into, tone, text, size); break;
    case MD_TEXT_NULLCHAR:
    case MD_TEXT_HTML: break;
    case MD_TEXT_CODE:
        if (layout->in_code)
            add_code_text(layout, text, size);
        else
            flow_add(into, tone, text, size);
        break;
    default: flow_add(into, tone, text, size); break;
    }
    return 0;
}

void markdown_lay_out(const char *text, size_t bytes, int columns, struct lines *lines) {
    markdown_lay_out_marked(text, bytes, columns, lines, NULL);
}

void markdown_lay_out_marked(const char *text, size_t bytes, int columns, struct lines *lines,
                             struct marks *marks) {
    struct layout layout = {.lines = lines, .marks = marks, .columns = columns > 8 ? columns : 8};
    struct buf clean = {0}; /* tabs survive: they are Markdown */
    for (size_t i = 0; i < bytes;) {
        const char *tab = memchr(text + i, '\t', bytes - i);
        size_t here = tab ? (size_t)(tab - text) - i : bytes - i;
        text_append_printable(&clean, text + i, here, true);
        if (tab)
            buf_putc(&clean, '\t');
        i += here + (tab != NULL);
    }
    MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML,
        .enter_block = on_block,
        .leave_block = on_block_end,
        .enter_span = on_span,
        .leave_span = on_span_end,
        .text = on_text,
    };
    md_parse(text_of(&clean), (MD_SIZE)clean.length, &parser, &layout);
    emit(&layout);
    buf_release(&clean);
    buf_release(&layout.first);
    buf_release(&layout.rest);
    flow_release(&layout.flow);
    table_release(&layout.table);
    free(layout.info);
}
