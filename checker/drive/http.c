#include "drive/http.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { QUOTED_MAX = 40 };

#define IS_TOKEN_PUNCT(c) (strchr("!#$%&'*+-.^_`|~", (c)) != NULL)

/* --- mistakes, in words ----------------------------------------------------------------------- */

static void slip(struct http_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void slip(struct http_answer *answer, const char *format, ...) {
    if (answer->slip[0])
        return; /* the first one is the cause of most others */
    va_list args;
    va_start(args, format);
    vsnprintf(answer->slip, sizeof answer->slip, format, args);
    va_end(args);
}

static void breaks(struct http_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void breaks(struct http_answer *answer, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(answer->broken, sizeof answer->broken, format, args);
    va_end(args);
    answer->state = HTTP_BROKEN;
}

#define BREAKS_ENDLESS(answer, ...) ((answer)->endless = true, breaks(answer, __VA_ARGS__))

struct quoted {
    char text[QUOTED_MAX * 6];
};

static struct quoted quote(const char *bytes, size_t count) {
    struct quoted quoted;
    struct buf text = {0};
    text_append_printable(&text, bytes, count < QUOTED_MAX ? count : QUOTED_MAX, false);
    snprintf(quoted.text, sizeof quoted.text, "%s%s", text.data ? text.data : "",
             count > QUOTED_MAX ? "..." : "");
    buf_release(&text);
    return quoted;
}

/* --- the head --------------------------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static void take_status_line(struct http_answer *answer, const char *line, size_t length) {
    if (length < 12 || strncmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') ||
        line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) ||
        (length > 12 && line[12] != ' ')) {
        breaks(answer,
               "the answer begins with \"%s\", not with a status line such as HTTP/1.1 200 OK",
               quote(line, length).text);
        return;
    }
    if (length == 12)
        slip(answer, "the status line has no blank after the status code");
    answer->minor = line[7] - '0';
    answer->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    if (answer->status < 100 || answer->status > 599)
        slip(answer, "there is no status code %03d", answer->status);
    answer->state = HTTP_HEADERS;
}

static void take_length(struct http_answer *answer, const char *value, size_t length) {
    uint64_t count = 0;
    bool good = length > 0 && length <= 18;
    for (size_t i = 0; good && i < length; i++) {
        good = is_digit(value[i]);
        count = count * 10 + (uint64_t)(value[i] - '0');
    }
    if (!good)
        breaks(answer, "Content-Length is \"%s\", not a number of bytes",
               quote(value, length).text);
    else if (answer->has_length && answer->length != count)
        breaks(answer, "two Content-Length headers disagree: %" PRIu64 " and %" PRIu64,
               answer->length, count);
    else if (answer->has_length)
        slip(answer, "Content-Length is given twice");
    answer->has_length = true;
    answer->length = count;
}

static bool is_word(const char *at, size_t length, const char *word) {
    return strlen(word) == length && strncasecmp(at, word, length) == 0;
}

/* Calls fn for each element of a comma-separated header value. */
static void each_element(struct http_answer *answer, const char *value, size_t length,
                         void (*fn)(struct http_answer *, const char *, size_t)) {
    size_t at = 0;
    while (at <= length) {
        const char *comma = memchr(value + at, ',', length - at);
        size_t end = comma ? (size_t)(comma - value) : length, next = end + 1;
        while (at < end && (value[at] == ' ' || value[at] == '\t'))
            at++;
        while (end > at && (value[end - 1] == ' ' || value[end - 1] == '\t'))
            end--;
        if (end > at)
            fn(answer, value + at, end - at);
        at = next;
    }
}

static void take_coding(struct http_answer *answer, const char *word, size_t length) {
    if (answer->state == HTTP_BROKEN)
        return;
    if (!is_word(word, length, "chunked"))
        breaks(answer,
               "Transfer-Encoding \"%s\" was not asked for; chunked is what every client knows",
               quote(word, length).text);
    else if (answer->chunked)
        slip(answer, "Transfer-Encoding names chunked twice");
    answer->chunked = true;
}

static void take_connection(struct http_answer *answer, const char *word, size_t length) {
    answer->says_close |= is_word(word, length, "close");
    answer->says_keep_alive |= is_word(word, length, "keep-alive");
}

static void take_element_less(struct http_answer *answer, const char *value, size_t length) {
    take_length(answer, value, length);
}

static const struct {
    const char *name;
    bool is_list;
    void (*take)(struct http_answer *, const char *, size_t);
} known_headers[] = {
    {"Content-Length", false, take_element_less},
    {"Transfer-Encoding", true, take_coding},
    {"Connection", true, take_connection},
};

static size_t token_length(const char *line, size_t length) {
    size_t count = 0;
    while (count < length && line[count] &&
           (is_digit(line[count]) || (line[count] >= 'a' && line[count] <= 'z') ||
            (line[count] >= 'A' && line[count] <= 'Z') || IS_TOKEN_PUNCT(line[count])))
        count++;
    return count;
}

static void check_value(struct http_answer *answer, const char *value, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
            slip(answer, "the header value \"%s\" holds a control character",
                 quote(value, length).text);
}

static void take_header(struct http_answer *answer, const char *line, size_t length) {
    if (line[0] == ' ' || line[0] == '\t') {
        slip(answer, "the header line \"%s\" begins with a blank", quote(line, length).text);
        return;
    }
    size_t name = token_length(line, length), colon = name;
    while (colon < length && (line[colon] == ' ' || line[colon] == '\t'))
        colon++;
    if (!name || colon == length || line[colon] != ':') {
        breaks(answer,
               "the line \"%s\" is no header (Name: value); headers end with an empty line "
               "(\\r\\n\\r\\n)",
               quote(line, length).text);
        return;
    }
    if (colon > name)
        slip(answer, "a blank stands before the colon of the header \"%s\"",
             quote(line, name).text);
    const char *value = line + colon + 1;
    size_t left = length - colon - 1;
    while (left && (*value == ' ' || *value == '\t'))
        value++, left--;
    while (left && (value[left - 1] == ' ' || value[left - 1] == '\t'))
        left--;
    check_value(answer, value, left);
    for (size_t i = 0; i < sizeof known_headers / sizeof *known_headers; i++) {
        if (!is_word(line, name, known_headers[i].name))
            continue;
        if (known_headers[i].is_list)
            each_element(answer, value, left, known_headers[i].take);
        else
            known_headers[i].take(answer, value, left);
    }
}

/* RFC 9112, section 6.3: what ends the body. */
static void end_head(struct http_answer *answer) {
    bool interim = answer->status >= 100 && answer->status < 200 && answer->status != 101;
    if (interim) { /* 100 Continue and the like: the answer proper is still to come */
        answer->state = HTTP_STATUS_LINE;
        answer->status = 0;
        answer->has_length = answer->chunked = false;
        return;
    }
    if (answer->chunked && answer->has_length)
        slip(answer, "Content-Length and Transfer-Encoding exclude each other");
    if (answer->status == 101 || answer->status == 204 || answer->status == 304) {
        answer->state = HTTP_DONE;
    } else if (answer->chunked) {
        answer->state = HTTP_CHUNK_SIZE;
    } else if (answer->has_length) {
        answer->left = answer->length;
        answer->state = answer->left ? HTTP_COUNTED_BODY : HTTP_DONE;
    } else {
        answer->state = HTTP_BODY_TO_CLOSE;
    }
}

/* --- the body --------------------------------------------------------------------------------- */

static int hex_value(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static void take_chunk_size(struct http_answer *answer, const char *line, size_t length) {
    uint64_t size = 0;
    size_t digits = 0;
    while (digits < length && digits < 15 && hex_value(line[digits]) >= 0)
        size = size * 16 + (uint64_t)hex_value(line[digits++]);
    size_t at = digits;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    if (!digits || (at < length && line[at] != ';')) {
        breaks(answer, "\"%s\" is no size of a chunk (hexadecimal, a line of its own)",
               quote(line, length).text);
        return;
    }
    answer->left = size;
    answer->state = size ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
}

static void take_chunk_end(struct http_answer *answer, const char *line, size_t length) {
    if (length)
        breaks(answer, "\"%s\" follows a chunk where only \\r\\n may: its size is wrong",
               quote(line, length).text);
    else
        answer->state = HTTP_CHUNK_SIZE;
}

static size_t take_body(struct http_answer *answer, const char *bytes, size_t count) {
    bool counted = answer->state != HTTP_BODY_TO_CLOSE;
    if (counted && count > answer->left)
        count = (size_t)answer->left;
    size_t room = HTTP_BODY_KEPT - answer->body.length;
    buf_append(&answer->body, bytes, count < room ? count : room);
    answer->body_bytes += count;
    if (counted)
        answer->left -= count;
    if (answer->body_bytes > HTTP_BODY_MAX)
        BREAKS_ENDLESS(answer, "its body is longer than %d MiB", HTTP_BODY_MAX >> 20);
    else if (counted && !answer->left)
        answer->state = answer->state == HTTP_CHUNK_DATA ? HTTP_CHUNK_END : HTTP_DONE;
    return count;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void take_line(struct http_answer *answer, const char *line, size_t length) {
    switch (answer->state) {
    case HTTP_STATUS_LINE: take_status_line(answer, line, length); break;
    case HTTP_HEADERS:
        if (length)
            take_header(answer, line, length);
        else
            end_head(answer);
        break;
    case HTTP_CHUNK_SIZE: take_chunk_size(answer, line, length); break;
    case HTTP_CHUNK_END: take_chunk_end(answer, line, length); break;
    case HTTP_TRAILERS:
        if (!length)
            answer->state = HTTP_DONE;
        break;
    default: break;
    }
}

/* What cannot become a status line any more is told before its newline, which may never come. */
static bool begins_wrong(const struct http_answer *answer) {
    static const char start[] = "HTTP/1.";
    size_t count = answer->line.length < sizeof start - 1 ? answer->line.length : sizeof start - 1;
    return answer->state == HTTP_STATUS_LINE && memcmp(answer->line.data, start, count) != 0;
}

static size_t feed_line(struct http_answer *answer, const char *bytes, size_t count) {
    const char *newline = memchr(bytes, '\n', count);
    size_t used = newline ? (size_t)(newline - bytes) + 1 : count;
    if (answer->state == HTTP_STATUS_LINE || answer->state == HTTP_HEADERS ||
        answer->state == HTTP_TRAILERS)
        answer->head_bytes += used;
    buf_append(&answer->line, bytes, used);
    if (begins_wrong(answer)) {
        size_t length = answer->line.length - (newline ? 1 : 0);
        take_status_line(answer, answer->line.data, length);
        return used;
    }
    if (answer->line.length > HTTP_LINE_MAX)
        BREAKS_ENDLESS(answer, "a line of it is longer than %d KiB", HTTP_LINE_MAX >> 10);
    else if (answer->head_bytes > HTTP_HEAD_MAX)
        BREAKS_ENDLESS(answer, "its header is longer than %d KiB", HTTP_HEAD_MAX >> 10);
    if (answer->endless)
        return used;
    if (!newline)
        return used;
    size_t length = answer->line.length - 1;
    if (length && answer->line.data[length - 1] == '\r')
        length--;
    else
        slip(answer, "the line \"%s\" ends with \\n alone, where HTTP wants \\r\\n",
             quote(answer->line.data, length).text);
    answer->line.data[length] = '\0';
    take_line(answer, answer->line.data, length);
    buf_clear(&answer->line);
    return used;
}

size_t http_feed(struct http_answer *answer, const char *bytes, size_t count) {
    size_t used = 0;
    while (used < count && !http_ended(answer)) {
        bool in_body = answer->state == HTTP_COUNTED_BODY || answer->state == HTTP_CHUNK_DATA ||
                       answer->state == HTTP_BODY_TO_CLOSE;
        size_t step = in_body ? take_body(answer, bytes + used, count - used)
                              : feed_line(answer, bytes + used, count - used);
        used += step;
        answer->bytes += step;
    }
    return used;
}

void http_close(struct http_answer *answer) {
    if (answer->state == HTTP_BODY_TO_CLOSE)
        answer->state = HTTP_DONE;
    answer->says_close = true;
}

void http_release(struct http_answer *answer) {
    buf_release(&answer->line);
    buf_release(&answer->body);
    *answer = (struct http_answer){0};
}

bool http_ended(const struct http_answer *answer) {
    return answer->state == HTTP_DONE || answer->state == HTTP_BROKEN;
}

bool http_may_go_on(const struct http_answer *answer) {
    return answer->state == HTTP_DONE && !answer->says_close &&
           (answer->minor == 1 || answer->says_keep_alive);
}

void http_excess(struct http_answer *answer, uint64_t count) {
    if (answer->has_length && !answer->chunked)
        slip(answer,
             "%" PRIu64 " byte%s more came than the %" PRIu64 " that Content-Length announces",
             count, count == 1 ? "" : "s", answer->length);
    else
        slip(answer, "%" PRIu64 " byte%s came after the end of the answer", count,
             count == 1 ? "" : "s");
}

void http_in_shreds(struct http_answer *answer) {
    uint64_t bytes = answer->bytes;
    BREAKS_ENDLESS(answer, "%" PRIu64 " bytes of it came in %d writes, and it was not over", bytes,
                   HTTP_WRITES_MAX);
}

void http_missing(const struct http_answer *answer, struct buf *into) {
    switch (answer->state) {
    case HTTP_STATUS_LINE:
        if (answer->bytes)
            buf_puts(into, "the status line has no end");
        else
            buf_puts(into, "no byte of an answer came");
        break;
    case HTTP_HEADERS:
        buf_puts(into, "the empty line that ends the headers (\\r\\n\\r\\n) did not come");
        break;
    case HTTP_COUNTED_BODY:
        buf_printf(into, "%" PRIu64 " of the %" PRIu64 " bytes that Content-Length announces came",
                   answer->body_bytes, answer->length);
        break;
    case HTTP_CHUNK_SIZE:
    case HTTP_CHUNK_DATA:
    case HTTP_CHUNK_END:
    case HTTP_TRAILERS: buf_puts(into, "the last chunk (0\\r\\n\\r\\n) did not come"); break;
    case HTTP_BODY_TO_CLOSE:
        buf_puts(into,
                 "the answer has no Content-Length and is not chunked, so closing the connection "
                 "ends it, and it was not closed");
        break;
    case HTTP_DONE: buf_puts(into, "the answer is complete"); break;
    case HTTP_BROKEN: buf_puts(into, answer->broken); break;
    }
}
