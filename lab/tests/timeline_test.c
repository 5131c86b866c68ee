/* The timeline: what gets a row at each zoom, jumps between rows, what shows a check. */
#include "model/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "model/film.h"
#include "proto/reader.h"
#include "tests/harness/cases.h"
#include "views/timeline_view.h"

static void feed(struct film *film, const char *format, ...) {
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    json_t *event = json_loadb(text.data, text.length, 0, NULL);
    assert_non_null(event);
    film_observe(film, event);
    json_decref(event);
    buf_release(&text);
}

static void on_value(void *ctx, json_t *value, const char *error) {
    (void)error;
    if (value)
        film_observe(ctx, value);
}

static struct film *film_of_log(const char *name) {
    char path[128];
    struct buf text = {0};
    struct film *film = film_new();
    struct reader reader = {.fn = on_value, .ctx = film};
    snprintf(path, sizeof path, "lab/tests/fixtures/%s.ndjson", name);
    assert_int_equal(0, file_read(case_source(path), &text, 1 << 24, NULL));
    reader_feed(&reader, text.data, text.length);
    reader_end(&reader);
    reader_release(&reader);
    buf_release(&text);
    return film;
}

/* Two workers; the second dies after six requests. */
static struct film *small_film(void) {
    struct film *film = film_new();
    feed(film,
         "{\"type\":\"fork\",\"seq\":1,\"t_ns\":0,\"pid\":2,\"parent\":null,\"kind\":\"start\"}");
    for (int pid = 3; pid < 5; pid++)
        feed(film,
             "{\"type\":\"fork\",\"seq\":%d,\"t_ns\":0,\"pid\":%d,\"parent\":2,\"kind\":\"fork\"}",
             pid - 1, pid);
    for (int i = 0; i < 6; i++) {
        feed(film,
             "{\"type\":\"request\",\"seq\":%d,\"t_ns\":1000,\"request\":%d,\"method\":\"GET\"}",
             4 + 3 * i, i);
        feed(film, "{\"type\":\"taken\",\"seq\":%d,\"t_ns\":1000,\"pid\":%d,\"request\":%d}",
             5 + 3 * i, i < 4 ? 3 : 4, i);
        feed(film,
             "{\"type\":\"answer\",\"seq\":%d,\"t_ns\":1000,\"pid\":%d,\"request\":%d,\"status\":"
             "200}",
             6 + 3 * i, i < 4 ? 3 : 4, i);
    }
    feed(film, "{\"type\":\"message\",\"seq\":22,\"t_ns\":2000,\"from\":3,\"to\":2,\"message\":1,"
               "\"complete\":true,\"value\":{\"pid\":3,\"count\":4}}");
    feed(film, "{\"type\":\"exit\",\"seq\":23,\"t_ns\":3000,\"pid\":4,\"signal\":\"SIGKILL\"}");
    feed(film,
         "{\"type\":\"check\",\"seq\":24,\"t_ns\":4000,\"id\":\"truth\",\"title\":\"T\",\"status\":"
         "\"failed\",\"message\":\"Worker 3 lied at 0.00 s.\",\"final\":true,\"events\":[9,22]}");
    return film;
}

static void requests_of_a_stretch_are_one_bar_in_the_overview(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline timeline = {0};
    struct timeline_share shares[8];
    timeline_fit(&timeline, &film->history);
    assert_int_equal(7, timeline.count); /* 3 births, a bar, a message, a death, a check */
    assert_true(timeline.rows[3].bar);
    assert_int_equal(3, timeline.rows[3].first);
    assert_int_equal(20, timeline.rows[3].last);
    assert_int_equal(2, timeline_shares(&timeline, &film->history, &timeline.rows[3], shares, 8));
    assert_int_equal(3, shares[0].pid);
    assert_int_equal(4, shares[0].answered);
    assert_int_equal(2, shares[1].answered);
    timeline.zoom = TIMELINE_REQUESTS;
    timeline_fit(&timeline, &film->history);
    assert_int_equal(12, timeline.count);
    timeline.zoom = TIMELINE_EVERYTHING;
    timeline_fit(&timeline, &film->history);
    assert_int_equal(film->history.end, timeline.count);
    timeline_release(&timeline);
    film_free(film);
}

static void a_bar_ends_where_nobody_asks_for_a_second(void **state) {
    (void)state;
    struct film *film = film_new();
    struct timeline timeline = {0};
    for (int i = 0; i < 4; i++)
        feed(film, "{\"type\":\"taken\",\"t_ns\":%lld,\"pid\":3,\"request\":%d}",
             i < 2 ? (long long)i : 2000000000LL + i, i);
    timeline_fit(&timeline, &film->history);
    assert_int_equal(2, timeline.count);
    timeline_release(&timeline);
    film_free(film);
}

static void jumps_in_a_row_are_one(void **state) {
    (void)state;
    struct film *film = film_new();
    struct timeline timeline = {0};
    struct buf text = {0};
    for (long long i = 1; i < 4; i++)
        feed(film, "{\"type\":\"jump\",\"t_ns\":%lld,\"from_ns\":%lld}", i * 1000000000,
             (i - 1) * 1000000000);
    timeline_fit(&timeline, &film->history);
    assert_int_equal(1, timeline.count);
    timeline_words(&timeline, &film->history, &timeline.rows[0], &text);
    buf_putc(&text, '\0');
    assert_string_equal("everybody waits, and the clock goes on by 3.000 s", text.data);
    timeline.zoom = TIMELINE_EVERYTHING;
    timeline_fit(&timeline, &film->history);
    assert_int_equal(3, timeline.count);
    buf_release(&text);
    timeline_release(&timeline);
    film_free(film);
}

static void rows_that_come_are_added_as_if_all_had_been_there(void **state) {
    (void)state;
    struct film *whole = film_of_log("stats-failed"), *growing = film_new();
    struct timeline at_once = {0}, step_by_step = {0};
    for (int zoom = 0; zoom < TIMELINE_ZOOMS; zoom++) {
        film_free(growing);
        growing = film_new();
        step_by_step.zoom = at_once.zoom = (enum timeline_zoom)zoom;
        struct buf text = {0};
        assert_int_equal(0, file_read(case_source("lab/tests/fixtures/stats-failed.ndjson"), &text,
                                      1 << 24, NULL));
        struct reader reader = {.fn = on_value, .ctx = growing};
        for (size_t at = 0; at < text.length; at += 997) {
            reader_feed(&reader, text.data + at, text.length - at < 997 ? text.length - at : 997);
            timeline_fit(&step_by_step, &growing->history);
        }
        reader_end(&reader);
        reader_release(&reader);
        buf_release(&text);
        timeline_fit(&step_by_step, &growing->history);
        timeline_fit(&at_once, &whole->history);
        assert_int_equal(at_once.count, step_by_step.count);
        for (size_t i = 0; i < at_once.count; i++) {
            assert_int_equal(at_once.rows[i].first, step_by_step.rows[i].first);
            assert_int_equal(at_once.rows[i].last, step_by_step.rows[i].last);
        }
    }
    timeline_release(&at_once);
    timeline_release(&step_by_step);
    film_free(whole);
    film_free(growing);
}

static void only_what_concerns_a_process_has_rows(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline timeline = {.only = 4};
    timeline_fit(&timeline, &film->history);
    assert_int_equal(3, timeline.count); /* its birth, its two requests, its death */
    timeline.only = 2;
    timeline_fit(&timeline, &film->history);
    assert_int_equal(4, timeline.count); /* three births and the message to it */
    timeline_release(&timeline);
    film_free(film);
}

static void jumps_find_the_next_and_the_one_before(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline timeline = {0};
    timeline_fit(&timeline, &film->history);
    const struct history *history = &film->history;
    assert_int_equal(4, timeline_find(&timeline, history, 0, 1, TIMELINE_MESSAGE));
    assert_int_equal(5, timeline_find(&timeline, history, 0, 1, TIMELINE_DEATH));
    assert_int_equal(6, timeline_find(&timeline, history, 0, 1, TIMELINE_FAILED));
    assert_int_equal(2, timeline_find(&timeline, history, 6, -1, TIMELINE_BIRTH));
    assert_int_equal(1, timeline_find(&timeline, history, 2, -1, TIMELINE_BIRTH));
    assert_true(timeline_find(&timeline, history, 5, 1, TIMELINE_DEATH) == SIZE_MAX);
    assert_true(timeline_find(&timeline, history, 0, -1, TIMELINE_BIRTH) == SIZE_MAX);
    timeline_release(&timeline);
    film_free(film);
}

static void the_row_of_a_moment_is_that_of_its_newest_event(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline timeline = {0};
    timeline_fit(&timeline, &film->history);
    assert_int_equal(0, timeline_row_at(&timeline, 0));
    assert_int_equal(0, timeline_row_at(&timeline, 1));
    assert_int_equal(2, timeline_row_at(&timeline, 3));
    assert_int_equal(3, timeline_row_at(&timeline, 4));
    assert_int_equal(3, timeline_row_at(&timeline, 21));
    assert_int_equal(4, timeline_row_at(&timeline, 22));
    assert_int_equal(6, timeline_row_at(&timeline, UINT32_MAX));
    timeline_release(&timeline);
    film_free(film);
}

static void a_failed_check_marks_the_events_that_it_names(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline timeline = {0};
    uint32_t events[16];
    size_t count = timeline_events_of(&film->history, &film->latest->checks[0], events, 16);
    assert_int_equal(2, count);
    assert_int_equal(8, events[0]);
    assert_int_equal(21, events[1]);
    timeline_fit(&timeline, &film->history);
    timeline_mark(&timeline, events, count);
    assert_true(timeline_is_marked(&timeline, &timeline.rows[3]));
    assert_true(timeline_is_marked(&timeline, &timeline.rows[4]));
    assert_false(timeline_is_marked(&timeline, &timeline.rows[5]));
    assert_int_equal(3, timeline_find(&timeline, &film->history, 0, 1, TIMELINE_MARKED));
    timeline_release(&timeline);
    film_free(film);
}

static void a_check_that_names_no_events_is_shown_by_its_words(void **state) {
    (void)state;
    struct film *film = small_film();
    struct run_check check = {.id = "c", .message = "Worker 4 died of SIGKILL at 0.00 s, 12.5 kB."};
    uint32_t events[16];
    size_t count = timeline_events_of(&film->history, &check, events, 16);
    assert_int_equal(2, count); /* its birth and its death */
    assert_int_equal(EVENT_FORK, history_record(&film->history, events[0])->type);
    assert_int_equal(EVENT_EXIT, history_record(&film->history, events[1])->type);
    check.message = "Nothing of note.";
    assert_int_equal(0, timeline_events_of(&film->history, &check, events, 16));
    film_free(film);
}

static void the_view_unfolds_until_each_marked_event_has_a_row(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline_view view;
    feed(film, "{\"type\":\"output\",\"seq\":25,\"t_ns\":5000,\"pid\":2,\"stream\":\"stdout\","
               "\"text\":\"x\"}");
    feed(film,
         "{\"type\":\"check\",\"seq\":26,\"t_ns\":6000,\"id\":\"log\",\"title\":\"L\",\"status\":"
         "\"failed\",\"final\":true,\"events\":[25]}");
    timeline_view_init(&view);
    assert_int_equal(21,
                     timeline_view_show_check(&view, film, &film->latest->checks[0])); /* the bar */
    assert_int_equal(TIMELINE_OVERVIEW, view.timeline.zoom);
    assert_int_equal(25, timeline_view_show_check(&view, film, &film->latest->checks[1]));
    assert_int_equal(TIMELINE_REQUESTS, view.timeline.zoom);
    timeline_view_release(&view);
    film_free(film);
}

static void a_message_on_an_arrow_says_what_matters(void **state) {
    (void)state;
    struct film *film = small_film();
    struct buf text = {0};
    timeline_short_message(history_record(&film->history, 21), &text);
    buf_putc(&text, '\0');
    assert_string_equal("count 4", text.data);
    buf_release(&text);
    film_free(film);
}

static void each_row_can_be_said_in_words(void **state) {
    (void)state;
    struct film *film = small_film();
    struct timeline timeline = {0};
    struct buf text = {0};
    timeline_fit(&timeline, &film->history);
    for (size_t i = 0; i < timeline.count; i++) {
        timeline_words(&timeline, &film->history, &timeline.rows[i], &text);
        buf_putc(&text, '\n');
    }
    buf_putc(&text, '\0');
    assert_string_equal("2, the program, starts\n"
                        "3 is born: fork by 2\n"
                        "4 is born: fork by 2\n"
                        "6 requests answered: 4 by 3, 2 by 4 (18 events; + unfolds)\n"
                        "message 1, 3 > 2: {\"pid\": 3, \"count\": 4}\n"
                        "4 is killed by SIGKILL\n"
                        "check truth: failed. Worker 3 lied at 0.00 s.\n",
                        text.data);
    buf_release(&text);
    timeline_release(&timeline);
    film_free(film);
}

/* Events of every type with members of every kind, and moments, zooms and marks at random: nothing breaks. */
static void any_events_and_any_moves_do_no_harm(void **state) {
    (void)state;
    static const char *const words[] = {
        "", "begin", "SIGKILL", "a\\nb\\u0007\\u202e", "{\\\"count\\\": 1}", "no"};
    static const char *const members[] = {"pid",    "parent", "from", "to",      "request",
                                          "text",   "status", "t_ns", "state",   "value",
                                          "ms",     "events", "id",   "title",   "seq",
                                          "stream", "signal", "by",   "from_ns", "number"};
    unsigned seed = 1;
    for (int round = 0; round < 40; round++) {
        struct film *film = film_new();
        struct timeline timeline = {0};
        struct buf text = {0};
        for (int i = 0; i < 300; i++) {
            enum event_type type = (enum event_type)(rand_r(&seed) % EVENT_TYPE_COUNT);
            buf_clear(&text);
            buf_printf(&text, "{\"type\":\"%s\"", event_name(type));
            for (size_t member = 0; member < sizeof members / sizeof members[0]; member++) {
                int kind = rand_r(&seed) % 8;
                if (kind < 3)
                    buf_printf(&text, ",\"%s\":%d", members[member], rand_r(&seed) % 9 - 1);
                else if (kind == 3)
                    buf_printf(&text, ",\"%s\":\"%s\"", members[member], words[rand_r(&seed) % 6]);
                else if (kind == 4)
                    buf_printf(&text, ",\"%s\":[1,-2,null,\"x\",4e18]", members[member]);
                else if (kind == 5)
                    buf_printf(&text, ",\"%s\":%d%s", members[member], rand_r(&seed),
                               rand_r(&seed) % 2 ? "" : "00000000");
                else if (kind == 6)
                    buf_printf(&text, ",\"%s\":null", members[member]);
            }
            buf_puts(&text, "}");
            feed(film, "%s", text.data);
            if (rand_r(&seed) % 4 == 0)
                film_show(film, (uint32_t)rand_r(&seed) % (film->history.end + 2));
            film_step(film, rand_r(&seed) % 7 - 3);
            film_play(film, rand_r(&seed) % 2);
            film_pass(film, rand_r(&seed));
            timeline.zoom = (enum timeline_zoom)(rand_r(&seed) % TIMELINE_ZOOMS);
            timeline.only = rand_r(&seed) % 3 ? 0 : rand_r(&seed) % 8;
            timeline_fit(&timeline, &film->history);
        }
        for (size_t i = 0; i < film->latest->check_count; i++) {
            uint32_t events[8];
            timeline_mark(&timeline, events,
                          timeline_events_of(&film->history, &film->latest->checks[i], events, 8));
        }
        for (size_t i = 0; i < timeline.count; i++) {
            timeline_is_marked(&timeline, &timeline.rows[i]);
            buf_clear(&text);
            timeline_words(&timeline, &film->history, &timeline.rows[i], &text);
        }
        for (size_t i = 0; i < film->history.line_count; i++)
            history_line_text(&film->history, i, film->moment, &text);
        buf_release(&text);
        timeline_release(&timeline);
        film_free(film);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(requests_of_a_stretch_are_one_bar_in_the_overview),
    cmocka_unit_test(a_bar_ends_where_nobody_asks_for_a_second),
    cmocka_unit_test(jumps_in_a_row_are_one),
    cmocka_unit_test(rows_that_come_are_added_as_if_all_had_been_there),
    cmocka_unit_test(only_what_concerns_a_process_has_rows),
    cmocka_unit_test(jumps_find_the_next_and_the_one_before),
    cmocka_unit_test(the_row_of_a_moment_is_that_of_its_newest_event),
    cmocka_unit_test(a_failed_check_marks_the_events_that_it_names),
    cmocka_unit_test(a_check_that_names_no_events_is_shown_by_its_words),
    cmocka_unit_test(the_view_unfolds_until_each_marked_event_has_a_row),
    cmocka_unit_test(a_message_on_an_arrow_says_what_matters),
    cmocka_unit_test(each_row_can_be_said_in_words),
    cmocka_unit_test(any_events_and_any_moves_do_no_harm),
};
CASES_MAIN(cases)
