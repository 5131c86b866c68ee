/* The history of a run, and the film that winds it: any moment is what it was when it was now. */
#include "model/film.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "model/listing.h"
#include "proto/reader.h"
#include "tests/harness/cases.h"

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

static const char *line_at(const struct film *film, size_t line, uint32_t moment) {
    static char kept[1024];
    struct buf text = {0};
    history_line_text(&film->history, line, moment, &text);
    snprintf(kept, sizeof kept, "%.*s", (int)text.length, text.data ? text.data : "");
    buf_release(&text);
    return kept;
}

static const char *line(const struct film *film, size_t i) {
    return line_at(film, i, film->history.end);
}

static const char *message(const struct film *film, size_t i) {
    return history_record(&film->history, film->history.messages[i])->text;
}

static void output_becomes_lines_of_each_process_and_stream(void **state) {
    (void)state;
    struct film *film = film_new();
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"ab\"}");
    feed(film, "{\"type\":\"output\",\"pid\":2,\"stream\":\"stdout\",\"text\":\"x\\n\"}");
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stderr\",\"text\":\"e\"}");
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"c\\r\\n\\nd\"}");
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"ef\"}");
    assert_int_equal(5, film->history.line_count);
    assert_string_equal("abc", line(film, 0));
    assert_string_equal("x", line(film, 1));
    assert_true(film->history.lines[2].is_error);
    assert_string_equal("", line(film, 3));
    assert_string_equal("def", line(film, 4));
    film_free(film);
}

static void a_line_is_as_long_as_it_was_at_the_moment(void **state) {
    (void)state;
    struct film *film = film_new();
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"ab\"}");
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"cd\"}");
    feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"ef\\ngh\"}");
    assert_string_equal("ab", line_at(film, 0, 1));
    assert_string_equal("abcd", line_at(film, 0, 2));
    assert_string_equal("abcdef", line_at(film, 0, 3));
    assert_int_equal(0, history_lines_at(&film->history, 0));
    assert_int_equal(1, history_lines_at(&film->history, 2));
    assert_int_equal(2, history_lines_at(&film->history, 3));
    film_free(film);
}

static void foreign_bytes_are_printable_in_the_history(void **state) {
    (void)state;
    struct film *film = film_of_log("stats-hostile");
    assert_true(film->history.line_count && film->history.message_count);
    for (uint32_t at = 0; at < film->history.end; at++)
        for (const char *text = history_record(&film->history, at)->text; *text; text++)
            assert_true(((unsigned char)*text >= 0x20 || *text == '\n') && *text != 0x7f);
    film_free(film);
}

/* What a view can see of a run. */
static void describe(const struct run *run, struct buf *into) {
    buf_printf(into, "%d %lld %llu %s/%s/%s %lld %lld %lld\n", run->phase, (long long)run->now_ns,
               (unsigned long long)run->events, run->step ? run->step : "-",
               run->outcome ? run->outcome : "-", run->verdict ? run->verdict : "-",
               (long long)run->requests, (long long)run->answers, (long long)run->unanswered);
    for (size_t i = 0; i < run->processes.count; i++) {
        const struct process *process = &run->processes.items[i];
        char words[160];
        process_words(process, true, words, sizeof words);
        buf_printf(into, "%d %d %lld %lld %s\n", process->pid, process->parent,
                   (long long)process->answered, (long long)process->reported, words);
    }
    for (size_t i = 0; i < run->check_count; i++)
        buf_printf(into, "%s %d %s\n", run->checks[i].id, run->checks[i].status,
                   run->checks[i].message ? run->checks[i].message : "-");
}

static void assert_same(const struct run *a, const struct run *b) {
    struct buf left = {0}, right = {0};
    describe(a, &left);
    describe(b, &right);
    assert_string_equal(left.data, right.data);
    buf_release(&left);
    buf_release(&right);
}

static void every_moment_can_be_had_again_as_it_was(void **state) {
    (void)state;
    struct film *whole = film_of_log("stats-failed");
    struct run *run = run_new();
    for (uint32_t moment = 0; moment <= whole->history.end; moment++) {
        struct run *then = history_run_at(&whole->history, moment);
        assert_same(run, then);
        run_free(then);
        if (moment < whole->history.end)
            run_apply(run, history_record(&whole->history, moment), NULL);
    }
    assert_same(run, whole->latest);
    run_free(run);
    film_free(whole);
}

static void moments_past_the_first_chunk_are_as_they_were(void **state) {
    (void)state;
    struct film *film = film_new();
    struct run *run = run_new();
    feed(film, "{\"type\":\"fork\",\"pid\":1,\"parent\":null,\"kind\":\"start\"}");
    for (int i = 0; i < 3 * HISTORY_CHUNK; i++)
        feed(film, "{\"type\":\"answer\",\"t_ns\":%d,\"pid\":1,\"request\":%d}", i, i);
    for (uint32_t moment = 0; moment < film->history.end; moment++) {
        if (moment % 1000 == 0 || moment % HISTORY_CHUNK < 2) {
            film_show(film, moment);
            assert_same(run, film->shown);
        }
        run_apply(run, history_record(&film->history, moment), NULL);
    }
    run_free(run);
    film_free(film);
}

static void memory_is_bounded_and_the_newest_is_kept(void **state) {
    (void)state;
    enum { TALK = 220000 };
    struct film *film = film_new();
    feed(film, "{\"type\":\"fork\",\"pid\":1,\"parent\":null,\"kind\":\"start\"}");
    for (int i = 0; i < TALK; i++) {
        feed(film,
             "{\"type\":\"message\",\"from\":1,\"to\":2,\"value\":{\"count\":%d,\"padding\":"
             "\"a text of about a hundred bytes that is here to fill memory and for nothing\"}}",
             i);
        if (i % 3 == 0)
            feed(film, "{\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"text\":\"%d%s\"}", i,
                 i % 2 ? "\\n" : "");
    }
    const struct history *history = &film->history;
    assert_true(history->first > 0);
    assert_true(history->bytes <= HISTORY_BYTES_MAX);
    assert_int_equal(TALK, history->message_count + history->messages_dropped);
    assert_non_null(strstr(message(film, history->message_count - 1), "219999"));
    assert_true(history->messages[0] >= history->first);
    assert_true(history->lines[0].piece.at >= history->first);
    assert_int_equal(0, strncmp(line(film, history->line_count - 1), "219", 3));
    film_show(film, 0);
    assert_int_equal(history->first, film->moment);
    assert_int_equal(film->moment, film->shown->events);
    film_free(film);
}

static void it_follows_until_another_moment_is_chosen(void **state) {
    (void)state;
    struct film *film = film_of_log("stats-failed");
    uint32_t end = film->history.end;
    assert_true(film_follows(film));
    film_step(film, -1);
    assert_false(film_follows(film));
    assert_int_equal(end - 1, film->moment);
    feed(film, "{\"type\":\"output\",\"pid\":10,\"stream\":\"stdout\",\"text\":\"x\\n\"}");
    assert_int_equal(end - 1, film->moment);
    film_show(film, UINT32_MAX);
    assert_true(film_follows(film));
    assert_int_equal(end + 1, film->moment);
    film_free(film);
}

static void steps_pass_over_samples_of_state(void **state) {
    (void)state;
    struct film *film = film_new();
    feed(film, "{\"type\":\"fork\",\"pid\":1,\"parent\":null,\"kind\":\"start\"}");
    feed(film, "{\"type\":\"state\",\"pid\":1,\"state\":\"waiting\"}");
    feed(film, "{\"type\":\"state\",\"pid\":1,\"state\":\"running\"}");
    feed(film, "{\"type\":\"exit\",\"pid\":1,\"code\":0}");
    film_step(film, -1);
    assert_int_equal(3, film->moment);
    film_step(film, -1);
    assert_int_equal(0, film->moment);
    film_step(film, -1);
    assert_int_equal(0, film->moment);
    film_step(film, 1);
    assert_int_equal(1, film->moment);
    film_step(film, 1);
    assert_true(film_follows(film));
    film_free(film);
}

static void it_plays_from_the_start_and_ends_following(void **state) {
    (void)state;
    struct film *film = film_of_log("stats-failed");
    int rounds = 0;
    film_play(film, true);
    assert_int_equal(0, film->moment);
    for (; film->plays; rounds++) {
        uint32_t before = film->moment;
        film_pass(film, 20 * NS_PER_MS);
        assert_true(film->moment >= before);
        assert_true(rounds < 10000);
    }
    assert_true(film_follows(film));
    assert_true(rounds > 100); /* nobody could follow it in 2 s */
    film_free(film);
}

static void a_wait_is_shortened_and_the_speed_counts(void **state) {
    (void)state;
    struct film *film = film_new();
    feed(film, "{\"type\":\"fork\",\"t_ns\":0,\"pid\":1,\"parent\":null,\"kind\":\"start\"}");
    feed(film, "{\"type\":\"exit\",\"t_ns\":%lld,\"pid\":1,\"code\":0}", 60LL * NS_PER_S);
    film_play(film, true);
    assert_true(film_pass(film, 200 * NS_PER_MS));
    assert_int_equal(1, film->moment);
    assert_false(film_pass(film, 400 * NS_PER_MS));
    film_set_speed(film, 1);
    assert_true(film_pass(film, 50 * NS_PER_MS));
    assert_false(film->plays);
    film_free(film);
}

static void a_list_can_be_of_one_process_alone(void **state) {
    (void)state;
    struct film *film = film_of_log("stats-failed");
    struct listing listing = {.kind = LISTING_MESSAGES};
    size_t all = listing_fit(&listing, &film->history, film->history.end), of_12 = 0;
    for (size_t i = 0; i < film->history.message_count; i++)
        of_12 += record_concerns(history_record(&film->history, film->history.messages[i]), 12);
    assert_int_equal(7, all);
    listing.only = 12;
    assert_int_equal(of_12, listing_fit(&listing, &film->history, film->history.end));
    for (size_t i = 0; i < of_12; i++)
        assert_int_equal(
            12,
            history_record(&film->history, film->history.messages[listing_item(&listing, i)])->pid);
    assert_int_equal(0, listing_fit(&listing, &film->history, 1));
    film_free(film);
    listing_release(&listing); /* and then it lists another run */
    film = film_new();
    feed(film, "{\"type\":\"message\",\"from\":5,\"to\":1,\"value\":1}");
    listing.only = 5;
    assert_int_equal(1, listing_fit(&listing, &film->history, film->history.end));
    listing_release(&listing);
    film_free(film);
}

static void lives_are_found_by_pid_and_moment(void **state) {
    (void)state;
    struct film *film = film_new();
    feed(film, "{\"type\":\"fork\",\"pid\":1,\"parent\":null,\"kind\":\"start\"}");
    feed(film, "{\"type\":\"fork\",\"pid\":5,\"parent\":1,\"kind\":\"fork\"}");
    feed(film, "{\"type\":\"exit\",\"pid\":5,\"code\":0}");
    feed(film, "{\"type\":\"reap\",\"pid\":5,\"by\":1,\"how\":\"wait\"}");
    for (int pid = 100; pid < 300; pid++)
        feed(film, "{\"type\":\"fork\",\"pid\":%d,\"parent\":1,\"kind\":\"fork\"}", pid);
    feed(film, "{\"type\":\"fork\",\"pid\":5,\"parent\":1,\"kind\":\"fork\"}");
    const struct lane *first = history_lane(&film->history, 5, 50);
    assert_int_equal(1, first->born);
    assert_int_equal(2, first->ended);
    assert_int_equal(3, first->reaped);
    assert_int_equal(204, history_lane(&film->history, 5, UINT32_MAX)->born);
    assert_null(history_lane(&film->history, 5, 0));
    assert_null(history_lane(&film->history, 77, 50));
    assert_int_equal(250, history_lane(&film->history, 250, UINT32_MAX)->pid);
    film_free(film);
}

static void events_are_found_by_seq(void **state) {
    (void)state;
    struct film *film = film_of_log("stats-failed");
    uint32_t at = history_find_seq(&film->history, 100);
    assert_int_equal(100, history_record(&film->history, at)->seq);
    assert_int_equal(UINT32_MAX, history_find_seq(&film->history, 1000000));
    film_free(film);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(output_becomes_lines_of_each_process_and_stream),
    cmocka_unit_test(a_line_is_as_long_as_it_was_at_the_moment),
    cmocka_unit_test(foreign_bytes_are_printable_in_the_history),
    cmocka_unit_test(every_moment_can_be_had_again_as_it_was),
    cmocka_unit_test(moments_past_the_first_chunk_are_as_they_were),
    cmocka_unit_test(memory_is_bounded_and_the_newest_is_kept),
    cmocka_unit_test(it_follows_until_another_moment_is_chosen),
    cmocka_unit_test(steps_pass_over_samples_of_state),
    cmocka_unit_test(it_plays_from_the_start_and_ends_following),
    cmocka_unit_test(a_wait_is_shortened_and_the_speed_counts),
    cmocka_unit_test(a_list_can_be_of_one_process_alone),
    cmocka_unit_test(lives_are_found_by_pid_and_moment),
    cmocka_unit_test(events_are_found_by_seq),
};
CASES_MAIN(cases)
