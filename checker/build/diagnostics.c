#include "build/diagnostics.h"

#include <stdlib.h>
#include <string.h>

#include "proto/event.h"

enum { FILE_MOST = 256, TEXT_MOST = 4096 };

/* What stands before a message, and what it makes of it. The assembler's begin with a capital. */
static const struct {
    const char *word, *severity;
    bool kept; /* the word is a part of the message */
} severities[] = {
    {"fatal error: ", "error", false}, {"error: ", "error", false},
    {"warning: ", "warning", false},   {"note: ", "note", false},
    {"Fatal error: ", "error", false}, {"Error: ", "error", false},
    {"Warning: ", "warning", false},   {"internal compiler error: ", "error", true},
};

/* Programs that speak for themselves, of no place in a source. */
static const char *const tools[] = {
    "gcc: ", "cc: ", "cc1: ", "as: ", "ld: ", "collect2: ", "lto-wrapper: "};

/* What tools say without a severity, or what says nothing new. */
static const struct {
    const char *start, *severity; /* NULL: left out */
} sayings[] = {
    {"error: ld returned ", NULL}, {"all warnings being treated as errors", NULL},
    {"cannot find ", "error"},     {"final link failed: ", "error"},
    {"out of memory ", "error"},
};

struct span {
    const char *at;
    size_t length;
};

struct place {
    struct span file;
    int line, column;
    struct span rest;
};

static void emit(diagnostic_fn *fn, void *ctx, const char *severity, const struct place *place,
                 struct span text) {
    struct span file = place->file;
    if (file.length > 2 && strncmp(file.at, "./", 2) == 0)
        file.at += 2, file.length -= 2;
    else if (file.length > 6 && strncmp(file.at, "/work/", 6) == 0)
        file.at += 6, file.length -= 6;
    json_t *event = event_new(EVENT_DIAGNOSTIC, "{s:s, s:i, s:i}", "severity", severity, "line",
                              place->line, "column", place->column);
    event_set_bytes(event, "file", file.at, file.length, FILE_MOST);
    event_set_bytes(event, "text", text.at, text.length, TEXT_MOST);
    fn(ctx, event);
}

static bool starts(struct span text, const char *word) {
    size_t length = strlen(word);
    return text.length >= length && memcmp(text.at, word, length) == 0;
}

static struct span without(struct span text, size_t count) {
    return (struct span){text.at + count, text.length - count};
}

/* A number and a colon at the start of text: cut off. */
static bool take_number(struct span *text, int *number) {
    size_t at = 0;
    long value = 0;
    while (at < text->length && text->at[at] >= '0' && text->at[at] <= '9' && at < 9)
        value = value * 10 + (text->at[at++] - '0');
    if (!at || at == text->length || text->at[at] != ':')
        return false;
    *number = (int)value;
    *text = without(*text, at + 1);
    return true;
}

/* FILE:LINE: or FILE:LINE:COLUMN:, or a bare FILE: (the linker's). The file's name may hold colons. */
static bool take_place(struct span line, struct place *place) {
    for (size_t at = 1; at < line.length; at++) {
        if (line.at[at] != ':')
            continue;
        struct span rest = without(line, at + 1);
        *place = (struct place){.file = {line.at, at}};
        if (!take_number(&rest, &place->line))
            continue;
        take_number(&rest, &place->column);
        while (rest.length && *rest.at == ' ')
            rest = without(rest, 1);
        place->rest = rest;
        return true;
    }
    return false;
}

static const char *find(struct span text, const char *word) {
    return memmem(text.at, text.length, word, strlen(word));
}

/* Files that the learner has never seen: the compiler's own, in between. */
static bool is_private(struct span file) { return starts(file, "/tmp/") || starts(file, "("); }

static void hide_private(struct place *place) {
    if (is_private(place->file))
        *place = (struct place){.file = {"", 0}, .rest = place->rest};
}

/* `app.c:(.text+0x1b): undefined reference to `x'`, `app.c:12: undefined ...`, or with ld's name before. */
static bool linker_line(struct span line, diagnostic_fn *fn, void *ctx) {
    static const char *const words[] = {"undefined reference to ", "multiple definition of "};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *at = find(line, words[i]);
        if (!at)
            continue;
        struct place place = {.file = {"", 0}};
        struct span text = {at, (size_t)(line.at + line.length - at)};
        struct span before = {line.at, (size_t)(at - line.at)};
        if (!take_place(before, &place)) {
            const char *colon = memchr(before.at, ':', before.length);
            place.file = (struct span){before.at, colon ? (size_t)(colon - before.at) : 0};
        }
        hide_private(&place);
        emit(fn, ctx, "error", &place, text);
        return true;
    }
    return false;
}

/* `SEVERITY: TEXT`, which is the rest of the place's line. */
static bool message(struct place *place, diagnostic_fn *fn, void *ctx) {
    for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++) {
        if (!starts(place->rest, severities[i].word))
            continue;
        hide_private(place);
        emit(fn, ctx, severities[i].severity, place,
             without(place->rest, severities[i].kept ? 0 : strlen(severities[i].word)));
        return true;
    }
    return false;
}

static bool compiler_line(struct span line, diagnostic_fn *fn, void *ctx) {
    struct place place;
    return take_place(line, &place) && message(&place, fn, ctx);
}

/* The words of a tool after its name; empty when the line is none of a tool's. */
static struct span said_by_tool(struct span line) {
    if (starts(line, "/usr/bin/"))
        line = without(line, strlen("/usr/bin/"));
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (starts(line, tools[i]))
            return without(line, strlen(tools[i]));
    return (struct span){"", 0};
}

static bool tool_line(struct span said, diagnostic_fn *fn, void *ctx) {
    struct place place = {.file = {"", 0}, .rest = said};
    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        if (!starts(said, sayings[i].start))
            continue;
        if (sayings[i].severity)
            emit(fn, ctx, sayings[i].severity, &place, said);
        return sayings[i].severity != NULL;
    }
    return message(&place, fn, ctx);
}

static bool parse_line(struct span line, diagnostic_fn *fn, void *ctx) {
    struct span said = said_by_tool(line);
    if (said.length && tool_line(said, fn, ctx))
        return true;
    if (said.length) /* ld puts its name before a place too */
        line = said;
    return compiler_line(line, fn, ctx) || linker_line(line, fn, ctx);
}

size_t diagnostics_parse(const char *text, size_t length, size_t most, diagnostic_fn *fn,
                         void *ctx) {
    size_t found = 0;
    while (length && found < most) {
        const char *newline = memchr(text, '\n', length);
        size_t here = newline ? (size_t)(newline - text) : length;
        struct span line = {text, here && text[here - 1] == '\r' ? here - 1 : here};
        found += parse_line(line, fn, ctx);
        here += newline != NULL;
        text += here;
        length -= here;
    }
    return found;
}
