#include "proto/reader.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static void take_line(struct reader *reader, const char *line, size_t length) {
    reader->line++;
    while (length && is_blank(line[length - 1]))
        length--;
    if (!length)
        return;
    json_error_t error;
    json_t *value = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (value) {
        reader->fn(reader->ctx, value, NULL);
        json_decref(value);
        return;
    }
    char text[JSON_ERROR_TEXT_LENGTH + 64];
    snprintf(text, sizeof text, "line %zu, column %d: %s", reader->line, error.column, error.text);
    reader->fn(reader->ctx, NULL, text);
}

static void take_rest(struct reader *reader, const char *bytes, size_t count) {
    if (reader->skipping)
        return;
    if (reader->partial.length + count <= READER_LINE_MAX) {
        buf_append(&reader->partial, bytes, count);
        return;
    }
    char text[96];
    snprintf(text, sizeof text, "line %zu is longer than %d bytes", reader->line + 1,
             READER_LINE_MAX);
    reader->skipping = 1;
    buf_clear(&reader->partial);
    reader->fn(reader->ctx, NULL, text);
}

void reader_feed(struct reader *reader, const char *bytes, size_t count) {
    while (count) {
        const char *newline = memchr(bytes, '\n', count);
        size_t here = newline ? (size_t)(newline - bytes) : count;
        bool whole = newline && !reader->partial.length && !reader->skipping;
        if (whole && here <= READER_LINE_MAX) {
            take_line(reader, bytes, here);
        } else {
            take_rest(reader, bytes, here);
            if (newline && reader->skipping)
                reader->line++;
            else if (newline)
                take_line(reader, reader->partial.data ? reader->partial.data : "",
                          reader->partial.length);
            if (newline) {
                reader->skipping = 0;
                buf_clear(&reader->partial);
            }
        }
        here += newline != NULL;
        bytes += here;
        count -= here;
    }
}

void reader_end(struct reader *reader) {
    if (reader->partial.length && !reader->skipping)
        take_line(reader, reader->partial.data, reader->partial.length);
    buf_clear(&reader->partial);
    reader->skipping = 0;
}

void reader_release(struct reader *reader) { buf_release(&reader->partial); }
