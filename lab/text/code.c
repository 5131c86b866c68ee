#include "text/code.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const keywords[] = {
    "async",    "auto",     "await",   "bool",     "break",    "case",    "char",     "const",
    "continue", "default",  "do",      "double",   "else",     "enum",    "export",   "extern",
    "false",    "float",    "for",     "function", "goto",     "if",      "import",   "inline",
    "int",      "int64_t",  "let",     "long",     "new",      "null",    "NULL",     "pid_t",
    "return",   "short",    "signed",  "size_t",   "sizeof",   "ssize_t", "static",   "struct",
    "switch",   "true",     "typedef", "uint32_t", "uint64_t", "union",   "unsigned", "var",
    "void",     "volatile", "while",   "yield",
};

static bool is_keyword(const char *word, size_t length) {
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strlen(keywords[i]) == length && !memcmp(keywords[i], word, length))
            return true;
    return false;
}

static bool starts(const char *at, const char *end, const char *with) {
    size_t length = strlen(with);
    return (size_t)(end - at) >= length && !memcmp(at, with, length);
}

static const char *line_end(const char *at, const char *end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline : end;
}

static const char *comment_end(const char *at, const char *end) {
    if (starts(at, end, "//"))
        return line_end(at, end);
    const char *close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
    return close ? close + 2 : end;
}

static const char *string_end(const char *at, const char *end) {
    char quote = *at++;
    while (at < end && *at != quote && (quote == '`' || *at != '\n'))
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    return at < end && *at == quote ? at + 1 : at;
}

static const char *word_end(const char *at, const char *end) {
    while (at < end && (isalnum((unsigned char)*at) || *at == '_'))
        at++;
    return at;
}

/* The end of the stretch that starts at `at`, and its tone. */
static const char *next_stretch(const char *at, const char *end, bool line_start, enum tone *tone) {
    *tone = TONE_PLAIN;
    if (starts(at, end, "//") || starts(at, end, "/*")) {
        *tone = TONE_COMMENT;
        return comment_end(at, end);
    }
    if (*at == '"' || *at == '\'' || *at == '`') {
        *tone = TONE_STRING;
        return string_end(at, end);
    }
    if (*at == '#' && line_start) {
        *tone = TONE_KEYWORD;
        return word_end(at + 1, end);
    }
    if (isalpha((unsigned char)*at) || *at == '_') {
        const char *stop = word_end(at, end);
        *tone = is_keyword(at, (size_t)(stop - at)) ? TONE_KEYWORD : TONE_PLAIN;
        return stop;
    }
    return isdigit((unsigned char)*at) ? word_end(at, end) : at + 1;
}

static bool is_known(const char *language) {
    static const char *const known[] = {"c", "h", "js", "javascript", "cpp", "c++"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(language, known[i]))
            return true;
    return false;
}

/* A session in a shell: what was typed stands out from what came back. */
static void add_session(struct flow *flow, const char *code, size_t bytes) {
    for (size_t i = 0; i < bytes;) {
        const char *newline = memchr(code + i, '\n', bytes - i);
        size_t length = newline ? (size_t)(newline - code) - i + 1 : bytes - i;
        bool typed = code[i] == '$' || code[i] == '#';
        flow_add(flow, typed ? TONE_STRONG : TONE_PLAIN, code + i, length);
        i += length;
    }
}

void code_add(struct flow *flow, const char *language, const char *code, size_t bytes) {
    if (!strcmp(language, "console") || (!*language && bytes > 1 && !memcmp(code, "$ ", 2))) {
        add_session(flow, code, bytes);
        return;
    }
    if (!is_known(language)) {
        flow_add(flow, TONE_PLAIN, code, bytes);
        return;
    }
    const char *at = code, *end = code + bytes;
    const char *plain = at; /* start of what is not yet added */
    bool line_start = true;
    while (at < end) {
        enum tone tone;
        const char *stop = next_stretch(at, end, line_start, &tone);
        if (tone != TONE_PLAIN) {
            flow_add(flow, TONE_PLAIN, plain, (size_t)(at - plain));
            flow_add(flow, tone, at, (size_t)(stop - at));
            plain = stop;
        }
        line_start = *at == '\n' || (line_start && (*at == ' ' || *at == '\t'));
        at = stop;
    }
    flow_add(flow, TONE_PLAIN, plain, (size_t)(at - plain));
}
