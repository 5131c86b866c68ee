#include "grade/lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "proto/event.h"

/* Past an escape sequence (ECMA-48): CSI with its parameters up to the final byte, or two bytes. */
static size_t escape_length(const char *text, size_t left) {
    size_t length = left < 2 ? left : 2;
    if (left < 2 || text[1] != '[')
        return length;
    while (length < left && (text[length] < '@' || text[length] > '~'))
        length++;
    return length < left ? length + 1 : length;
}

void append_bare(struct buf *into, const char *text, size_t length) {
    static const char dropped[] = " \t\r\v\f\"'`";
    for (size_t i = 0; i < length;) {
        if (text[i] == '\033') {
            i += escape_length(text + i, length - i);
            continue;
        }
        if (text[i] && !strchr(dropped, text[i]))
            buf_putc(into, text[i]);
        i++;
    }
}

static jv line_value(const struct open_line *line, bool ended) {
    struct buf bare = {0};
    size_t length = line->text.length < LINE_BYTES_MOST ? line->text.length : LINE_BYTES_MOST;
    const char *text = line->text.data ? line->text.data : "";
    append_bare(&bare, text, length);
    jv value = jv_object();
    value = jv_object_set(value, jv_string("pid"), jv_number((double)line->pid));
    value = jv_object_set(value, jv_string("stream"), jv_string(line->stream));
    value = jv_object_set(value, jv_string("text"), jv_string_sized(text, (int)length));
    value = jv_object_set(value, jv_string("bare"),
                          jv_string_sized(bare.data ? bare.data : "", (int)bare.length));
    value = jv_object_set(value, jv_string("t_ns"), jv_number((double)line->t_ns));
    value = jv_object_set(value, jv_string("seq"), jv_number((double)line->seq));
    value = jv_object_set(value, jv_string("ended"), jv_bool(ended));
    buf_release(&bare);
    return value;
}

static struct open_line *find_line(struct lines *lines, int64_t pid, const char *stream) {
    for (size_t i = 0; i < lines->count; i++)
        if (lines->open[i].pid == pid && strcmp(lines->open[i].stream, stream) == 0)
            return &lines->open[i];
    GROW(lines->open, lines->capacity, lines->count + 1);
    struct open_line *line = &lines->open[lines->count++];
    *line = (struct open_line){.pid = pid};
    snprintf(line->stream, sizeof line->stream, "%s", stream);
    return line;
}

static void append(struct open_line *line, const char *text, size_t length) {
    if (line->text.length < LINE_BYTES_MOST)
        buf_append(&line->text, text, length);
}

static void end_line(struct lines *lines, struct open_line *line) {
    if (!lines->ended_count)
        lines->ended = jv_array();
    if (lines->ended_count < LINES_MOST) {
        lines->ended = jv_array_append(lines->ended, line_value(line, true));
        lines->ended_count++;
    }
    buf_clear(&line->text);
}

void lines_observe(struct lines *lines, const json_t *event) {
    const char *text = event_text(event, "text", ""), *newline;
    struct open_line *line =
        find_line(lines, event_int(event, "pid", 0), event_text(event, "stream", "stdout"));
    line->t_ns = event_t_ns(event);
    line->seq = event_seq(event);
    while ((newline = strchr(text, '\n'))) {
        append(line, text, (size_t)(newline - text));
        end_line(lines, line);
        text = newline + 1;
    }
    append(line, text, strlen(text));
}

jv lines_all(const struct lines *lines) {
    jv all = lines->ended_count ? jv_copy(lines->ended) : jv_array();
    for (size_t i = 0; i < lines->count; i++)
        if (lines->open[i].text.length)
            all = jv_array_append(all, line_value(&lines->open[i], false));
    return all;
}

void lines_release(struct lines *lines) {
    if (lines->ended_count)
        jv_free(lines->ended);
    for (size_t i = 0; i < lines->count; i++)
        buf_release(&lines->open[i].text);
    free(lines->open);
    *lines = (struct lines){0};
}
