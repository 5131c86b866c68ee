/* NDJSON as it comes: split anywhere, with rubbish in between, and lines of any length. */
#include "proto/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/harness/cases.h"

struct seen {
    struct buf text; /* "{"a":1}" or "error: line 3" a line */
    size_t values, errors;
};

static void on_value(void *ctx, json_t *value, const char *error) {
    struct seen *seen = ctx;
    if (!value) {
        seen->errors++;
        /* the place is ours; the words after it are jansson's, and differ from version to version */
        assert_true(strlen(error) > strcspn(error, ",") + 10 || strstr(error, "longer"));
        buf_printf(&seen->text, "error: %.*s\n", (int)strcspn(error, ","), error);
        return;
    }
    char *text = json_dumps(value, JSON_COMPACT);
    buf_printf(&seen->text, "%s\n", text);
    free(text);
    seen->values++;
}

static void assert_read(const char *bytes, size_t count, size_t part, const char *wanted) {
    struct seen seen = {0};
    struct reader reader = {.fn = on_value, .ctx = &seen};
    for (size_t at = 0; at < count; at += part)
        reader_feed(&reader, bytes + at, count - at < part ? count - at : part);
    reader_end(&reader);
    reader_release(&reader);
    assert_string_equal(seen.text.data ? seen.text.data : "", wanted);
    buf_release(&seen.text);
}

static void values_are_the_same_however_the_bytes_are_split(void **state) {
    (void)state;
    static const char lines[] =
        "{\"a\":1}\n[2, \"\xe2\x82\xac\"]\r\n\n  \t\r\n{\"b\":{}}  \nnonsense\n{\"last\":3}";
    for (size_t part = 1; part <= sizeof lines; part++)
        assert_read(lines, sizeof lines - 1, part,
                    "{\"a\":1}\n[2,\"\xe2\x82\xac\"]\n{\"b\":{}}\n"
                    "error: line 6\n{\"last\":3}\n");
}

static void rubbish_is_told_with_its_place_and_skipped(void **state) {
    (void)state;
    static const struct {
        const char *line, *wanted;
    } bad[] = {
        {"{\"a\":}\n{}\n", "error: line 1\n{}\n"},
        {"{}{}\n{}\n", "error: line 1\n{}\n"},
        {"{\"a\":1,\"a\":2}\n{}\n", "error: line 1\n{}\n"},
        {"{\"a\":\"\xff\"}\n{}\n", "error: line 1\n{}\n"},
        {"[\n1]\n", "error: line 1\n"
                    "error: line 2\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_read(bad[i].line, strlen(bad[i].line), 1000, bad[i].wanted);
        assert_read(bad[i].line, strlen(bad[i].line), 1, bad[i].wanted);
    }
}

static void a_nul_in_a_text_is_a_character_like_others(void **state) {
    (void)state;
    static const char line[] = "{\"text\":\"a\\u0000b\"}\n";
    assert_read(line, sizeof line - 1, 3, "{\"text\":\"a\\u0000b\"}\n");
}

static void a_bare_nul_is_rubbish(void **state) {
    (void)state;
    struct seen seen = {0};
    struct reader reader = {.fn = on_value, .ctx = &seen};
    reader_feed(&reader, "{\0}\n{}\n", 7);
    reader_release(&reader);
    assert_int_equal(seen.errors, 1);
    assert_int_equal(seen.values, 1);
    buf_release(&seen.text);
}

static void nesting_without_end_is_an_error_and_no_crash(void **state) {
    (void)state;
    enum { DEEP = 1 << 20 };
    char *deep = xmalloc(DEEP + 1);
    memset(deep, '[', DEEP);
    deep[DEEP] = '\n';
    struct seen seen = {0};
    struct reader reader = {.fn = on_value, .ctx = &seen};
    reader_feed(&reader, deep, DEEP + 1);
    reader_release(&reader);
    assert_int_equal(seen.errors, 1);
    assert_int_equal(seen.values, 0);
    buf_release(&seen.text);
    free(deep);
}

/* A line of `length` bytes and a short one after it. */
static struct seen read_long(size_t length, size_t part) {
    char *bytes = xmalloc(length + 4);
    memset(bytes, ' ', length);
    memcpy(bytes, "[]", 2);
    memcpy(bytes + length, "\n{}\n", 4);
    struct seen seen = {0};
    struct reader reader = {.fn = on_value, .ctx = &seen};
    for (size_t at = 0; at < length + 4; at += part)
        reader_feed(&reader, bytes + at, length + 4 - at < part ? length + 4 - at : part);
    assert_int_equal(reader.line, 2);
    assert_true(reader.partial.length == 0);
    reader_end(&reader);
    reader_release(&reader);
    free(bytes);
    return seen;
}

static void a_line_too_long_is_told_once_and_skipped(void **state) {
    (void)state;
    static const size_t parts[] = {65536, 1000003, READER_LINE_MAX - 1, 4 * READER_LINE_MAX};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct seen seen = read_long(READER_LINE_MAX + 1, parts[i]);
        assert_string_equal(seen.text.data, "error: line 1 is longer than 8388608 bytes\n{}\n");
        buf_release(&seen.text);
        seen = read_long(READER_LINE_MAX, parts[i]);
        assert_string_equal(seen.text.data, "[]\n{}\n");
        buf_release(&seen.text);
    }
}

static void an_end_in_the_middle_of_a_line_reads_what_is_there(void **state) {
    (void)state;
    assert_read("{\"a\":1", 6, 6, "error: line 1\n");
    assert_read("", 0, 1, "");
}

static void a_reader_can_be_used_again_after_its_end(void **state) {
    (void)state;
    struct seen seen = {0};
    struct reader reader = {.fn = on_value, .ctx = &seen};
    char *filler = xcalloc(1, READER_LINE_MAX + 1);
    memset(filler, 'x', READER_LINE_MAX + 1);
    reader_feed(&reader, filler, READER_LINE_MAX + 1);
    reader_end(&reader);
    buf_clear(&seen.text);
    reader_feed(&reader, "{}\n", 3);
    assert_string_equal(seen.text.data, "{}\n");
    reader_release(&reader);
    buf_release(&seen.text);
    free(filler);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(values_are_the_same_however_the_bytes_are_split),
    cmocka_unit_test(rubbish_is_told_with_its_place_and_skipped),
    cmocka_unit_test(a_nul_in_a_text_is_a_character_like_others),
    cmocka_unit_test(a_bare_nul_is_rubbish),
    cmocka_unit_test(nesting_without_end_is_an_error_and_no_crash),
    cmocka_unit_test(a_line_too_long_is_told_once_and_skipped),
    cmocka_unit_test(an_end_in_the_middle_of_a_line_reads_what_is_there),
    cmocka_unit_test(a_reader_can_be_used_again_after_its_end),
};

CASES_MAIN(cases)
