/* The response parser: many shapes, each fed whole, byte by byte and split at every place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "drive/http.h"
#include "tests/harness/cases.h"

struct shape {
    const char *name;
    const char *bytes;
    size_t size; /* 0: strlen */
    bool close;  /* the peer closes after the bytes */
    enum http_state state;
    int status;
    const char *body;
    size_t left_over; /* bytes that are not the answer's */
    const char *slip; /* a part of what is said; NULL: nothing is */
    const char *broken;
    const char *missing;
    bool goes_on; /* the connection may be used again */
};

#define OK "HTTP/1.1 200 OK\r\n"

static const struct shape whole[] = {
    {.name = "counted",
     .bytes = OK "Content-Length: 5\r\n\r\nhello",
     .state = HTTP_DONE,
     .status = 200,
     .body = "hello",
     .goes_on = true},
    {.name = "counted, odd case and blanks",
     .bytes = OK "content-LENGTH:\t 5 \r\n\r\nhello",
     .state = HTTP_DONE,
     .status = 200,
     .body = "hello",
     .goes_on = true},
    {.name = "nothing in the body",
     .bytes = OK "Content-Length: 0\r\n\r\n",
     .state = HTTP_DONE,
     .status = 200,
     .body = "",
     .goes_on = true},
    {.name = "says close",
     .bytes = OK "Connection: Close\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x"},
    {.name = "says close in a list",
     .bytes = OK "Connection: foo , close\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x"},
    {.name = "of an older client's time",
     .bytes = "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x"},
    {.name = "of that time, kept alive",
     .bytes = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .goes_on = true},
    {.name = "an empty reason",
     .bytes = "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .goes_on = true},
    {.name = "an error status",
     .bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno",
     .state = HTTP_DONE,
     .status = 503,
     .body = "no",
     .goes_on = true},
    {.name = "ended by close",
     .bytes = OK "\r\nhello",
     .close = true,
     .state = HTTP_DONE,
     .status = 200,
     .body = "hello"},
    {.name = "ended by close, empty",
     .bytes = OK "\r\n",
     .close = true,
     .state = HTTP_DONE,
     .status = 200,
     .body = ""},
    {.name = "chunked",
     .bytes = OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0c;x=y\r\n, "
                 "wide world\r\n0\r\n\r\n",
     .state = HTTP_DONE,
     .status = 200,
     .body = "hello, wide world",
     .goes_on = true},
    {.name = "chunked, with trailers",
     .bytes = OK "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n00\r\nMore: 1\r\n\r\n",
     .state = HTTP_DONE,
     .status = 200,
     .body = "0123456789",
     .goes_on = true},
    {.name = "after 100 Continue",
     .bytes = "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .goes_on = true},
    {.name = "204 has no body",
     .bytes = "HTTP/1.1 204 No Content\r\n\r\n",
     .state = HTTP_DONE,
     .status = 204,
     .body = "",
     .goes_on = true},
    {.name = "zeros in the body",
     .bytes = OK "Content-Length: 3\r\n\r\na\0b",
     .size = sizeof(OK "Content-Length: 3\r\n\r\na\0b") - 1,
     .state = HTTP_DONE,
     .status = 200,
     .body = "a",
     .goes_on = true},
};

static const struct shape slips[] = {
    {.name = "more than was announced",
     .bytes = OK "Content-Length: 5\r\n\r\nhello\n",
     .state = HTTP_DONE,
     .status = 200,
     .body = "hello",
     .left_over = 1,
     .goes_on = true},
    {.name = "bare newlines",
     .bytes = "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
     .state = HTTP_DONE,
     .status = 200,
     .body = "hello",
     .slip = "\\n alone",
     .goes_on = true},
    {.name = "no blank after the code",
     .bytes = "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .slip = "no blank after",
     .goes_on = true},
    {.name = "a code there is not",
     .bytes = "HTTP/1.1 999 Hm\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 999,
     .body = "x",
     .slip = "999",
     .goes_on = true},
    {.name = "blank before the colon",
     .bytes = OK "Content-Length : 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .slip = "before the colon",
     .goes_on = true},
    {.name = "a folded header",
     .bytes = OK "A: b\r\n c\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .slip = "begins with a blank",
     .goes_on = true},
    {.name = "length twice",
     .bytes = OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .slip = "twice",
     .goes_on = true},
    {.name = "length and chunks",
     .bytes = OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .slip = "exclude",
     .goes_on = true},
    {.name = "a control character",
     .bytes = OK "A: b\033[2J\r\nContent-Length: 1\r\n\r\nx",
     .state = HTTP_DONE,
     .status = 200,
     .body = "x",
     .slip = "control character",
     .goes_on = true},
};

static const struct shape broken[] = {
    {.name = "no HTTP at all",
     .bytes = "Handled by worker 12\n",
     .state = HTTP_BROKEN,
     .broken = "status line"},
    {.name = "no HTTP and no newline",
     .bytes = "Handled",
     .state = HTTP_BROKEN,
     .broken = "status line"},
    {.name = "a version of another age",
     .bytes = "HTTP/2 200\r\n",
     .state = HTTP_BROKEN,
     .broken = "HTTP/"},
    {.name = "letters for a code",
     .bytes = "HTTP/1.1 OK 200\r\n",
     .state = HTTP_BROKEN,
     .broken = "HTTP/1.1 OK 200"},
    {.name = "four digits",
     .bytes = "HTTP/1.1 2000 OK\r\n",
     .state = HTTP_BROKEN,
     .broken = "2000"},
    {.name = "an empty first line",
     .bytes = "\r\nHTTP/1.1 200 OK\r\n",
     .state = HTTP_BROKEN,
     .broken = "status line"},
    {.name = "the body among the headers",
     .bytes = OK "Content-Length: 4\r\nfour\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "\"four\" is no header"},
    {.name = "no name",
     .bytes = OK ": 4\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "no header"},
    {.name = "a length in words",
     .bytes = OK "Content-Length: five\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "\"five\""},
    {.name = "a length below nothing",
     .bytes = OK "Content-Length: -1\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "\"-1\""},
    {.name = "no length",
     .bytes = OK "Content-Length:\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "\"\""},
    {.name = "a length past counting",
     .bytes = OK "Content-Length: 99999999999999999999\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "9999"},
    {.name = "lengths that differ",
     .bytes = OK "Content-Length: 1\r\nContent-Length: 2\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "1 and 2"},
    {.name = "a coding not asked for",
     .bytes = OK "Transfer-Encoding: gzip, chunked\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "gzip"},
    {.name = "a chunk without size",
     .bytes = OK "Transfer-Encoding: chunked\r\n\r\nhello\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "hello"},
    {.name = "a chunk too long",
     .bytes = OK "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n",
     .state = HTTP_BROKEN,
     .body = "hell",
     .status = 200,
     .broken = "size is wrong"},
    {.name = "a chunk past counting",
     .bytes = OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "no size"},
    {.name = "a zero in a header's name",
     .bytes = OK "A\0b: c\r\n",
     .size = sizeof(OK "A\0b: c\r\n") - 1,
     .state = HTTP_BROKEN,
     .status = 200,
     .broken = "no header"},
};

static const struct shape unfinished[] = {
    {.name = "nothing",
     .bytes = "",
     .close = true,
     .state = HTTP_STATUS_LINE,
     .missing = "no byte"},
    {.name = "half a status line",
     .bytes = "HTTP/1.1 20",
     .close = true,
     .state = HTTP_STATUS_LINE,
     .missing = "status line has no end"},
    {.name = "no empty line",
     .bytes = OK "Content-Length: 4\r\nfour",
     .close = true,
     .state = HTTP_HEADERS,
     .status = 200,
     .missing = "empty line"},
    {.name = "half a body",
     .bytes = OK "Content-Length: 4\r\n\r\nfo",
     .close = true,
     .state = HTTP_COUNTED_BODY,
     .status = 200,
     .body = "fo",
     .missing = "2 of the 4 bytes"},
    {.name = "half a chunk",
     .bytes = OK "Transfer-Encoding: chunked\r\n\r\n4\r\nfo",
     .close = true,
     .state = HTTP_CHUNK_DATA,
     .status = 200,
     .body = "fo",
     .missing = "last chunk"},
    {.name = "no last chunk",
     .bytes = OK "Transfer-Encoding: chunked\r\n\r\n2\r\nfo\r\n",
     .close = true,
     .state = HTTP_CHUNK_SIZE,
     .status = 200,
     .body = "fo",
     .missing = "last chunk"},
    {.name = "not closed",
     .bytes = OK "\r\nfour",
     .state = HTTP_BODY_TO_CLOSE,
     .status = 200,
     .body = "four",
     .missing = "was not closed"},
};

static void must_hold(const struct shape *shape, const char *what, const char *part,
                      const char *text) {
    bool good = part ? strstr(text, part) != NULL : text[0] == '\0';
    if (!good)
        fail_msg("%s: %s is \"%s\", wanted \"%s\"", shape->name, what, text, part ? part : "");
}

static void check(const struct shape *shape, const struct http_answer *answer, size_t left_over) {
    if (answer->state != shape->state)
        fail_msg("%s: state %d, not %d (%s)", shape->name, answer->state, shape->state,
                 answer->broken);
    if (answer->status != shape->status)
        fail_msg("%s: status %d", shape->name, answer->status);
    must_hold(shape, "slip", shape->slip, answer->slip);
    must_hold(shape, "broken", shape->broken, answer->broken);
    assert_string_equal(answer->body.data ? answer->body.data : "", shape->body ? shape->body : "");
    if (shape->state == HTTP_DONE) {
        assert_int_equal(left_over, shape->left_over);
        assert_int_equal(http_may_go_on(answer), shape->goes_on);
    }
    struct buf missing = {0};
    http_missing(answer, &missing);
    if (shape->missing)
        must_hold(shape, "missing", shape->missing, missing.data);
    buf_release(&missing);
}

/* Feeds the bytes in two parts, or one by one (cut 0); each part in a block of its own, so that a read
 * past its end is seen by a sanitizer. */
static void feed(const struct shape *shape, size_t cut) {
    struct http_answer answer = {0};
    size_t size = shape->size ? shape->size : strlen(shape->bytes), used = 0, at = 0;
    while (at < size) {
        size_t part = !cut ? 1 : at < cut ? cut - at : size - at;
        char *copy = xmalloc(part);
        memcpy(copy, shape->bytes + at, part);
        used += http_feed(&answer, copy, part);
        free(copy);
        at += part;
    }
    assert_int_equal(answer.bytes, used);
    if (shape->close)
        http_close(&answer);
    check(shape, &answer, size - used);
    http_release(&answer);
}

static void every_way(const struct shape *shapes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t size = shapes[i].size ? shapes[i].size : strlen(shapes[i].bytes);
        feed(&shapes[i], 0);
        for (size_t cut = 1; cut <= size; cut++)
            feed(&shapes[i], cut);
    }
}

#define EVERY_WAY(shapes) every_way((shapes), sizeof(shapes) / sizeof *(shapes))

static void whole_answers_are_read(void **state) {
    (void)state;
    EVERY_WAY(whole);
}

static void slips_are_told_and_the_answer_is_read(void **state) {
    (void)state;
    EVERY_WAY(slips);
}

static void broken_answers_are_told_why(void **state) {
    (void)state;
    EVERY_WAY(broken);
}

static void unfinished_answers_say_what_they_lack(void **state) {
    (void)state;
    EVERY_WAY(unfinished);
}

static void a_long_body_is_counted_and_its_start_is_kept(void **state) {
    (void)state;
    struct http_answer answer = {0};
    const char *head = OK "Content-Length: 100000\r\n\r\n";
    http_feed(&answer, head, strlen(head));
    char *block = xmalloc(10000);
    memset(block, 'x', 10000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(http_feed(&answer, block, 10000), 10000);
    assert_true(http_ended(&answer));
    assert_int_equal(answer.body_bytes, 100000);
    assert_int_equal(answer.body.length, HTTP_BODY_KEPT);
    free(block);
    http_release(&answer);
}

static void endless_lines_and_headers_are_bounded(void **state) {
    (void)state;
    struct http_answer line = {0}, headers = {0};
    const char *first = OK, *header = "Some-Header: of no great length\r\n";
    http_feed(&line, first, strlen(first));
    http_feed(&headers, first, strlen(first));
    for (int i = 0; i < HTTP_LINE_MAX + 10; i++)
        http_feed(&line, "a", 1);
    for (int i = 0; i < HTTP_HEAD_MAX / 10; i++)
        http_feed(&headers, header, strlen(header));
    assert_int_equal(line.state, HTTP_BROKEN);
    assert_int_equal(headers.state, HTTP_BROKEN);
    assert_true(line.line.length <= HTTP_LINE_MAX + 1);
    assert_string_equal(line.broken, "a line of it is longer than 8 KiB");
    assert_string_equal(headers.broken, "its header is longer than 64 KiB");
    assert_true(headers.bytes < HTTP_HEAD_MAX + 100);
    assert_true(line.endless && headers.endless);
    http_release(&line);
    http_release(&headers);
}

static void assert_body_is_bounded(const char *head, const char *piece) {
    struct http_answer answer = {0};
    http_feed(&answer, head, strlen(head));
    for (size_t fed = 0; fed <= 2 * HTTP_BODY_MAX && !http_ended(&answer); fed++)
        http_feed(&answer, piece, strlen(piece));
    assert_int_equal(answer.state, HTTP_BROKEN);
    assert_string_equal(answer.broken, "its body is longer than 1 MiB");
    assert_true(answer.endless);
    assert_true(answer.body_bytes <= HTTP_BODY_MAX + strlen(piece));
    http_release(&answer);
}

static void endless_bodies_are_bounded(void **state) {
    (void)state;
    assert_body_is_bounded(OK "\r\n", "of no great length");
    assert_body_is_bounded(OK "Content-Length: 100000000000\r\n\r\n", "of no great length");
    assert_body_is_bounded(OK "Transfer-Encoding: chunked\r\n\r\n", "8\r\n12345678\r\n");
}

static void what_comes_after_the_end_is_a_slip(void **state) {
    (void)state;
    struct http_answer counted = {0}, chunked = {0};
    const char *one = OK "Content-Length: 1\r\n\r\nx";
    const char *other = OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    http_feed(&counted, one, strlen(one));
    http_feed(&chunked, other, strlen(other));
    http_excess(&counted, 1);
    http_excess(&chunked, 2);
    assert_non_null(strstr(counted.slip, "1 byte more came than the 1"));
    assert_non_null(strstr(chunked.slip, "2 bytes came after the end"));
    http_release(&counted);
    http_release(&chunked);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(whole_answers_are_read),
    cmocka_unit_test(slips_are_told_and_the_answer_is_read),
    cmocka_unit_test(broken_answers_are_told_why),
    cmocka_unit_test(unfinished_answers_say_what_they_lack),
    cmocka_unit_test(a_long_body_is_counted_and_its_start_is_kept),
    cmocka_unit_test(endless_lines_and_headers_are_bounded),
    cmocka_unit_test(endless_bodies_are_bounded),
    cmocka_unit_test(what_comes_after_the_end_is_a_slip),
};
CASES_MAIN(cases)
