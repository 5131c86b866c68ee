/* Reports, held against the texts in tests/report/: NAME.ndjson is a run, NAME.txt how it is told.
 * BRIGADE_UPDATE=1 writes the texts anew; look at the difference before you keep it. */
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "proto/event.h"
#include "proto/reader.h"
#include "proto/result.h"
#include "tests/harness/cases.h"

enum { FILE_MOST = 1 << 20 };

struct telling {
    struct report *report;
    struct result_builder *builder;
};

static void observe(void *ctx, json_t *event, const char *error) {
    struct telling *telling = ctx;
    struct err err = {0};
    if (!event || event_validate(event, &err))
        fail_msg("a fixture is wrong: %s", event ? err.text : error);
    report_event(telling->report, event);
    result_builder_observe(telling->builder, event);
}

static struct buf read_file(const char *name, const char *suffix) {
    struct buf text = {0};
    struct err err = {0};
    char path[128];
    snprintf(path, sizeof path, "checker/tests/report/%s.%s", name, suffix);
    if (file_read(case_source(path), &text, FILE_MOST, &err))
        fail_msg("%s", err.text);
    return text;
}

static void tell(const char *events, size_t length, enum report_format format, int fd, bool colour,
                 bool with_events) {
    struct telling telling = {report_new(format, fd, colour), result_builder_new()};
    struct report *silent = report_new(REPORT_JSON, -1, false);
    struct report *told = telling.report;
    if (!with_events)
        telling.report = silent;
    struct reader reader = {.fn = observe, .ctx = &telling};
    reader_feed(&reader, events, length);
    reader_end(&reader);
    reader_release(&reader);
    json_t *result = result_builder_finish(telling.builder);
    report_result(told, result);
    assert_int_equal(report_failure(told), 0);
    json_decref(result);
    report_free(silent);
    report_free(told);
}

static struct buf told_as(const char *name, enum report_format format, bool colour,
                          bool with_events) {
    struct buf events = read_file(name, "ndjson"), text = {0};
    int fd = memfd_create("report", MFD_CLOEXEC);
    assert_true(fd >= 0);
    tell(events.data, events.length, format, fd, colour, with_events);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(fd_read_all(fd, &text, FILE_MOST), 0);
    fd_close(&fd);
    buf_release(&events);
    return text;
}

static void update(const char *name, const struct buf *text) {
    char path[128];
    snprintf(path, sizeof path, "checker/tests/report/%s.txt", name);
    FILE *file = fopen(case_source(path), "w");
    assert_non_null(file);
    fwrite(text->data, 1, text->length, file);
    fclose(file);
}

static void assert_told(const char *name) {
    struct buf text = told_as(name, REPORT_TEXT, false, true);
    if (getenv("BRIGADE_UPDATE"))
        update(name, &text);
    struct buf wanted = read_file(name, "txt");
    assert_string_equal(text.data, wanted.data);
    buf_release(&text);
    buf_release(&wanted);
}

static void a_passed_run_reads_as_its_text(void **state) {
    (void)state;
    assert_told("passed");
}

static void a_failed_run_reads_as_its_text(void **state) {
    (void)state;
    assert_told("failed");
}

static void a_failed_build_reads_as_its_text(void **state) {
    (void)state;
    assert_told("build-failed");
}

static void a_crash_reads_as_its_text(void **state) {
    (void)state;
    assert_told("crashed");
}

static void a_run_that_could_not_be_graded_reads_as_its_text(void **state) {
    (void)state;
    assert_told("not-graded");
}

static void a_stopped_run_reads_as_its_text(void **state) {
    (void)state;
    assert_told("stopped");
}

static void what_repeats_without_end_is_cut(void **state) {
    (void)state;
    struct buf events = {0}, text = {0};
    for (int i = 0; i < 1000; i++)
        buf_printf(&events,
                   "{\"seq\":%d,\"t_ns\":1,\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\","
                   "\"text\":\"again\\n\",\"bytes\":6}\n",
                   i + 1);
    int fd = memfd_create("report", MFD_CLOEXEC);
    tell(events.data, events.length, REPORT_TEXT, fd, false, true);
    lseek(fd, 0, SEEK_SET);
    fd_read_all(fd, &text, FILE_MOST);
    fd_close(&fd);
    assert_non_null(strstr(text.data, "(800 more lines of output, 4000 bytes, not shown)"));
    assert_true(text.length < 8000);
    buf_release(&events);
    buf_release(&text);
}

static void nothing_but_printable_text_reaches_the_terminal(void **state) {
    (void)state;
    static const char hostile[] =
        "{\"seq\":1,\"t_ns\":1,\"type\":\"output\",\"pid\":1,\"stream\":\"stdout\",\"bytes\":1,"
        "\"text\":\"\\u001b]0;owned\\u0007\\u009b2J\\u202e\\rback\\n\"}\n"
        "{\"seq\":2,\"t_ns\":1,\"type\":\"message\",\"message\":1,\"channel\":1,\"from\":1,\"to\":"
        "2,"
        "\"bytes\":1,\"parts\":1,\"complete\":true,\"value\":{\"\\u009b2J\":\"\\u001bc\"},"
        "\"since\":0}\n"
        "{\"seq\":3,\"t_ns\":1,\"type\":\"check\",\"id\":\"x\\u001b[2J\",\"title\":\"\\u001b[2J\","
        "\"status\":\"failed\",\"message\":\"\\u001b[2J\\n\\u009b\",\"expected\":\"\\u001b[2J\","
        "\"actual\":[\"\\u009b2J\"],\"hint\":\"\\u001b[2J\",\"final\":true}\n"
        "{\"seq\":4,\"t_ns\":1,\"type\":\"end\",\"outcome\":\"crashed\",\"detail\":\"\\u001b[2J\","
        "\"wall_ms\":1,\"virtual_ms\":1,\"processes\":1}\n";
    int fd = memfd_create("report", MFD_CLOEXEC);
    struct buf text = {0};
    tell(hostile, sizeof hostile - 1, REPORT_TEXT, fd, false, true);
    lseek(fd, 0, SEEK_SET);
    fd_read_all(fd, &text, FILE_MOST);
    fd_close(&fd);
    assert_non_null(strstr(text.data, "\\e]0;owned\\a\\x9b2J<U+202E>\\rback"));
    for (size_t i = 0; i < text.length; i++)
        assert_true(text.data[i] == '\n' || (text.data[i] >= 0x20 && text.data[i] < 0x7f));
    buf_release(&text);
}

static void colour_adds_escapes_and_changes_no_word(void **state) {
    (void)state;
    struct buf plain = told_as("failed", REPORT_TEXT, false, true);
    struct buf painted = told_as("failed", REPORT_TEXT, true, true), bare = {0};
    assert_true(painted.length > plain.length);
    for (const char *at = painted.data; *at;) {
        size_t length = *at == '\033' ? strcspn(at, "m") + 1 : 0;
        if (!length)
            buf_putc(&bare, *at);
        at += length ? length : 1;
    }
    assert_string_equal(bare.data, plain.data);
    buf_release(&plain);
    buf_release(&painted);
    buf_release(&bare);
}

static void lines_keep_to_eighty_columns(void **state) {
    (void)state;
    static const char *const names[] = {"passed",  "failed",     "build-failed",
                                        "crashed", "not-graded", "stopped"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf text = told_as(names[i], REPORT_TEXT, false, true);
        size_t column = 0;
        for (const char *at = text.data; *at; at++) {
            bool starts_character = ((unsigned char)*at & 0xc0) != 0x80;
            column = *at == '\n' ? 0 : column + starts_character;
            assert_true(column <= 80);
        }
        buf_release(&text);
    }
}

static void json_is_the_result_alone(void **state) {
    (void)state;
    struct buf text = told_as("passed", REPORT_JSON, true, true);
    json_t *result = json_loads(text.data, 0, NULL);
    assert_non_null(result);
    assert_string_equal(event_text(result, "verdict", ""), "passed");
    assert_int_equal(json_array_size(json_object_get(result, "checks")), 10);
    json_decref(result);
    buf_release(&text);
}

static void events_come_out_as_they_went_in(void **state) {
    (void)state;
    struct buf text = told_as("failed", REPORT_EVENTS, true, true);
    struct buf wanted = read_file("failed", "ndjson");
    const char *given = text.data, *meant = wanted.data;
    while (*meant) {
        json_t *a = json_loads(given, JSON_DISABLE_EOF_CHECK, NULL);
        json_t *b = json_loads(meant, JSON_DISABLE_EOF_CHECK, NULL);
        assert_true(a && b && json_equal(a, b));
        json_decref(a);
        json_decref(b);
        given += strcspn(given, "\n") + 1;
        meant += strcspn(meant, "\n") + 1;
    }
    assert_string_equal(given, "");
    buf_release(&text);
    buf_release(&wanted);
}

static void a_result_alone_brings_its_diagnostics(void **state) {
    (void)state;
    struct buf text = told_as("build-failed", REPORT_TEXT, false, false);
    assert_non_null(strstr(text.data, "app.c:12:24: error: expected"));
    buf_release(&text);
}

static void a_format_nobody_knows_is_told_with_those_there_are(void **state) {
    (void)state;
    struct err err = {0};
    enum report_format format;
    assert_int_equal(report_format_parse("json", &format, &err), 0);
    assert_int_equal(format, REPORT_JSON);
    assert_int_equal(report_format_parse("yaml", &format, &err), -EINVAL);
    assert_string_equal(err.text, "no report format \"yaml\"; there are: text, json, events");
}

static void a_reader_that_left_is_told_once(void **state) {
    (void)state;
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(fd_pipe(ends, NULL), 0);
    fd_close(&ends[0]);
    struct report *report = report_new(REPORT_EVENTS, ends[1], false);
    json_t *event = event_new(EVENT_ERROR, "{s:s}", "text", "x");
    report_event(report, event);
    report_event(report, event);
    assert_int_equal(report_failure(report), -EPIPE);
    json_decref(event);
    report_free(report);
    fd_close(&ends[1]);
}

static void a_reader_that_left_is_noticed_without_a_write(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(fd_pipe(ends, NULL), 0);
    struct report *report = report_new(REPORT_EVENTS, ends[1], false);
    assert_int_equal(report_failure(report), 0);
    fd_close(&ends[0]);
    assert_int_equal(report_failure(report), -EPIPE);
    report_free(report);
    fd_close(&ends[1]);
}

static pid_t start_counting_lines(int ends[2], size_t wanted) {
    pid_t pid = fork();
    if (pid)
        return pid;
    struct buf text = {0};
    size_t lines = 0;
    fd_close(&ends[1]);
    if (fd_read_all(ends[0], &text, FILE_MOST))
        _exit(1);
    for (size_t i = 0; i < text.length; i++)
        lines += text.data[i] == '\n';
    _exit(lines == wanted ? 0 : 1);
}

static void a_reader_that_dawdles_holds_nothing_up_and_misses_nothing(void **state) {
    (void)state;
    enum { EVENTS = 2000 };
    int ends[2], status;
    assert_int_equal(fd_pipe(ends, NULL), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    struct report *report = report_new(REPORT_EVENTS, ends[1], false);
    json_t *event = event_new(EVENT_ERROR, "{s:s}", "text", "much more than a pipe holds");
    for (int i = 0; i < EVENTS; i++)
        report_event(report, event); /* nobody reads yet */
    pid_t reader = start_counting_lines(ends, EVENTS);
    fd_close(&ends[0]);
    report_free(report);
    fd_close(&ends[1]);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    json_decref(event);
}

static void colour_is_for_terminals_that_want_it(void **state) {
    (void)state;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || !isatty(terminal))
        case_skip("no pseudo-terminal here");
    int plain = memfd_create("plain", MFD_CLOEXEC);
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    assert_true(report_wants_colour(terminal));
    assert_false(report_wants_colour(plain));
    setenv("NO_COLOR", "1", 1);
    assert_false(report_wants_colour(terminal));
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    assert_false(report_wants_colour(terminal));
    fd_close(&terminal);
    fd_close(&plain);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_passed_run_reads_as_its_text),
    cmocka_unit_test(a_failed_run_reads_as_its_text),
    cmocka_unit_test(a_failed_build_reads_as_its_text),
    cmocka_unit_test(a_crash_reads_as_its_text),
    cmocka_unit_test(a_run_that_could_not_be_graded_reads_as_its_text),
    cmocka_unit_test(a_stopped_run_reads_as_its_text),
    cmocka_unit_test(what_repeats_without_end_is_cut),
    cmocka_unit_test(nothing_but_printable_text_reaches_the_terminal),
    cmocka_unit_test(colour_adds_escapes_and_changes_no_word),
    cmocka_unit_test(lines_keep_to_eighty_columns),
    cmocka_unit_test(json_is_the_result_alone),
    cmocka_unit_test(events_come_out_as_they_went_in),
    cmocka_unit_test(a_result_alone_brings_its_diagnostics),
    cmocka_unit_test(a_format_nobody_knows_is_told_with_those_there_are),
    cmocka_unit_test(a_reader_that_left_is_told_once),
    cmocka_unit_test(a_reader_that_left_is_noticed_without_a_write),
    cmocka_unit_test(a_reader_that_dawdles_holds_nothing_up_and_misses_nothing),
    cmocka_unit_test(colour_is_for_terminals_that_want_it),
};

CASES_MAIN(cases)
