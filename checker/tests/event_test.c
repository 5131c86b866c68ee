/* Events: their names, their members, foreign bytes in them, and what is refused from outside. */
#include "proto/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "proto/outcome.h"
#include "tests/harness/cases.h"

static void every_type_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        json_t *event = event_new((enum event_type)type, "{}");
        assert_int_equal(event_type_of(event), type);
        assert_string_equal(event_name((enum event_type)type), event_text(event, "type", ""));
        json_decref(event);
    }
    assert_null(event_form(EVENT_UNKNOWN));
    assert_string_equal(event_name(EVENT_UNKNOWN), "unknown");
}

static void what_is_no_event_is_unknown(void **state) {
    (void)state;
    static const char *const odd[] = {"{}", "[]", "{\"type\":7}", "{\"type\":\"of_tomorrow\"}"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        json_t *event = json_loads(odd[i], 0, NULL);
        assert_int_equal(event_type_of(event), EVENT_UNKNOWN);
        json_decref(event);
    }
    assert_int_equal(event_type_of(NULL), EVENT_UNKNOWN);
}

static void members_come_with_a_fallback(void **state) {
    (void)state;
    json_t *event =
        json_loads("{\"seq\":5,\"t_ns\":-7,\"code\":3,\"text\":\"x\",\"ok\":true,\"real\":1.5,"
                   "\"nothing\":null}",
                   0, NULL);
    assert_int_equal(event_seq(event), 5);
    assert_int_equal(event_t_ns(event), -7);
    assert_int_equal(event_int(event, "code", 9), 3);
    assert_int_equal(event_int(event, "absent", 9), 9);
    assert_int_equal(event_int(event, "text", 9), 9);
    assert_int_equal(event_int(event, "nothing", 9), 9);
    assert_string_equal(event_text(event, "text", "y"), "x");
    assert_string_equal(event_text(event, "code", "y"), "y");
    assert_true(event_bool(event, "ok"));
    assert_false(event_bool(event, "code"));
    assert_false(event_bool(NULL, "ok"));
    json_decref(event);
}

static json_t *with_bytes(const char *bytes, size_t count, size_t most) {
    json_t *event = event_new(EVENT_OUTPUT, "{}");
    event_set_bytes(event, "text", bytes, count, most);
    return event;
}

static void assert_bytes(json_t *event, const char *text, const char *base64, bool cut) {
    assert_string_equal(event_text(event, "text", "(absent)"), text);
    assert_string_equal(event_text(event, "base64", "(absent)"), base64);
    assert_int_equal(event_bool(event, "cut"), cut);
    json_decref(event);
}

static void text_goes_in_as_it_is(void **state) {
    (void)state;
    assert_bytes(with_bytes("caf\xc3\xa9\n", 6, 100), "caf\xc3\xa9\n", "(absent)", false);
    assert_bytes(with_bytes("", 0, 100), "", "(absent)", false);
}

static void bytes_that_are_no_text_are_shown_and_kept(void **state) {
    (void)state;
    assert_bytes(with_bytes("a\0\xff", 3, 100), "a\\x00\\xff", "YQD/", false);
}

static void what_is_too_much_is_cut_between_characters(void **state) {
    (void)state;
    assert_bytes(with_bytes("abcdef", 6, 6), "abcdef", "(absent)", false);
    assert_bytes(with_bytes("abcdef", 6, 4), "abcd", "(absent)", true);
    assert_bytes(with_bytes("abc\xe2\x82\xac", 6, 4), "abc", "(absent)", true);
    assert_bytes(with_bytes("abc\xe2\x82\xac", 6, 5), "abc", "(absent)", true);
    assert_bytes(with_bytes("a\xf0\x9f\x98\x80z", 6, 4), "a", "(absent)", true);
    assert_bytes(with_bytes("a\xf0\x9f\x98\x80z", 6, 5), "a\xf0\x9f\x98\x80", "(absent)", true);
    /* continuation bytes without end are no character: cut where asked */
    assert_bytes(with_bytes("\x80\x80\x80\x80\x80\x80", 6, 5), "\\x80\\x80\\x80\\x80\\x80",
                 "gICAgIA=", true);
    assert_bytes(with_bytes("abc", 3, 0), "", "(absent)", true);
}

static void assert_refused(const char *text, const char *wanted) {
    struct err err = {0};
    json_t *event = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(event);
    assert_int_equal(event_validate(event, &err), -EINVAL);
    assert_string_equal(err.text, wanted);
    json_decref(event);
}

static void what_does_not_fit_the_table_is_refused_by_name(void **state) {
    (void)state;
    assert_refused("[]", "an event must be a JSON object");
    assert_refused("{}", "an event must have a text member \"type\"");
    assert_refused("{\"type\":1}", "an event must have a text member \"type\"");
    assert_refused("{\"type\":\"built\",\"seq\":\"one\"}",
                   "an event's \"seq\" and \"t_ns\" must be integers");
    assert_refused("{\"type\":\"built\",\"ok\":true}", "event built lacks \"ms\"");
    assert_refused("{\"type\":\"built\",\"ok\":1,\"ms\":2}",
                   "event built: \"ok\" is of the wrong kind");
    assert_refused("{\"type\":\"built\",\"ok\":null,\"ms\":2}",
                   "event built: \"ok\" is of the wrong kind");
    assert_refused(
        "{\"type\":\"fork\",\"pid\":null,\"parent\":null,\"by\":null,\"kind\":\"start\"}",
        "event fork: \"pid\" is of the wrong kind");
}

static void what_fits_is_accepted_and_so_is_what_is_newer(void **state) {
    (void)state;
    static const char *const good[] = {
        "{\"type\":\"built\",\"ok\":true,\"ms\":2,\"why\":null,\"later\":[1]}",
        "{\"type\":\"fork\",\"pid\":1,\"parent\":null,\"by\":null,\"kind\":\"start\"}",
        "{\"type\":\"answer\",\"request\":1,\"connection\":1,\"pid\":1,\"status\":200,\"bytes\":1,"
        "\"ms\":1,"
        "\"well_formed\":true}",
        "{\"type\":\"of_tomorrow\"}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct err err = {0};
        json_t *event = json_loads(good[i], 0, NULL);
        if (event_validate(event, &err))
            fail_msg("%s", err.text);
        json_decref(event);
    }
}

static void a_line_is_compact_ends_in_a_newline_and_keeps_the_order(void **state) {
    (void)state;
    json_t *event = event_new(EVENT_REAP, "{s:i, s:i, s:s}", "pid", 12, "by", 10, "how", "wait");
    char *line = event_line(event);
    assert_string_equal(line, "{\"pid\":12,\"by\":10,\"how\":\"wait\",\"type\":\"reap\"}\n");
    free(line);
    json_decref(event);
}

static void a_newline_in_a_text_does_not_end_the_line(void **state) {
    (void)state;
    json_t *event = with_bytes("two\nlines\n", 10, 100);
    char *line = event_line(event);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    free(line);
    json_decref(event);
}

static void outcomes_have_names_and_words(void **state) {
    (void)state;
    enum outcome outcome;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        assert_true(outcome_parse(outcome_name((enum outcome)i), &outcome));
        assert_int_equal(outcome, i);
        assert_true(*outcome_words((enum outcome)i));
    }
    assert_false(outcome_parse("evaporated", &outcome));
    assert_false(outcome_parse(NULL, &outcome));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_type_has_a_name_of_its_own),
    cmocka_unit_test(what_is_no_event_is_unknown),
    cmocka_unit_test(members_come_with_a_fallback),
    cmocka_unit_test(text_goes_in_as_it_is),
    cmocka_unit_test(bytes_that_are_no_text_are_shown_and_kept),
    cmocka_unit_test(what_is_too_much_is_cut_between_characters),
    cmocka_unit_test(what_does_not_fit_the_table_is_refused_by_name),
    cmocka_unit_test(what_fits_is_accepted_and_so_is_what_is_newer),
    cmocka_unit_test(a_line_is_compact_ends_in_a_newline_and_keeps_the_order),
    cmocka_unit_test(a_newline_in_a_text_does_not_end_the_line),
    cmocka_unit_test(outcomes_have_names_and_words),
};

CASES_MAIN(cases)
