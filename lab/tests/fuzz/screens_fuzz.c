/* The lab, any events, any keys, any size: nothing breaks, and no screen holds what a terminal would obey or what
 * does not fit.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -DBRIGADE_VERSION='""' -DBRIGADE_DATADIR='""' \
 *         -Ilab -Ichecker lab/tests/fuzz/screens_fuzz.c lab/tests/fuzz/screen.c checker/tests/harness/cases.c \
 *         lab/{text,model,ui,views,app}/[a-z]*.c lab/term/theme.c checker/{base,proto,exercise}/[a-z]*.c \
 *         -ljansson -lmd4c -lcmocka
 *
 * An input is lines. The first bytes say where the lab is opened, with Unicode or without, and how large. A line
 * that starts with { is an event, as if the checker had told it. Bytes of others are keys, but for those from 128 on:
 * special keys, a size that follows, a click at what follows.
 */
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/frame.h"
#include "app/state.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "model/folder.h"
#include "proto/event.h"
#include "tests/fuzz/screen.h"
#include "tests/harness/cases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

unsigned fuzz_runs_in_a_test(void);
unsigned fuzz_runs_in_a_test(void) { return 100; }

enum { SPECIAL = 128, RESIZE = 160, CLICK = 161, SPECIAL_COUNT = TTY_KEY_OTHER - TTY_KEY_UP + 1 };

static char *scratch;

/* A course with a lesson, a quiz and an exercise; a checker that only echoes what it plays. */
static void set_up(void) {
    static const char checker[] =
        "#!/bin/sh\nwhile read -r line; do echo \"$line\"; done <\"$FAKE_LOG\"\nread -r _\n";
    if (scratch)
        return;
    alloc_use_for_json();
    setlocale(LC_ALL, "C.UTF-8");
    const char *folder = getenv("TMPDIR");
    scratch = xasprintf("%s/fuzz.XXXXXX", folder && *folder ? folder : "/tmp");
    if (!mkdtemp(scratch))
        abort();
    char *program = xasprintf("%s/checker", scratch), *work = xasprintf("%s/work", scratch);
    if (folder_write_whole(program, checker, sizeof checker - 1, NULL) || chmod(program, 0755) < 0)
        abort();
    setenv("BRIGADE_CHECK", program, 1);
    setenv("BRIGADE_WORKSPACE", work, 1);
    setenv("BRIGADE_LESSONS", case_source("lab/tests/fixtures/course"), 1);
    setenv("BRIGADE_EXERCISES", case_source("lab/tests/fixtures/exercises"), 1);
    setenv("FAKE_LOG", case_source("lab/tests/fixtures/stats-crashed.ndjson"), 1);
    setenv("EDITOR", "true", 1);
    unsetenv("VISUAL");
    free(program);
    free(work);
}

static void take_event(struct app *app, const char *line, size_t length) {
    struct err err = {0};
    json_t *event = json_loadb(line, length, 0, NULL);
    if (!app->film)
        ;
    else if (!event)
        run_nonsense(app->run, "no JSON");
    else if (event_validate(event, &err) < 0)
        run_nonsense(app->run, err.text);
    else
        film_observe(app->film, event);
    json_decref(event);
}

/* What is awaited when nobody presses a key: an editor's end, events, a diff. */
static void settle(struct app *app) {
    while (app->editor > 0)
        loop_step(app->loop, 1000);
    loop_step(app->loop, 0);
}

static void press(struct app *app, int key) {
    screen_press(key);
    app_keys(app, tty_fd(app->tty), EPOLLIN);
    settle(app);
    frame_draw(app);
    screen_check();
}

/* Returns how many bytes it took. */
static size_t take_key(struct app *app, const uint8_t *at, size_t left) {
    if (*at == 'q' || *at == '\n')
        return 1;
    if (*at < SPECIAL) {
        press(app, *at);
        return 1;
    }
    if (left < 3 || (*at != RESIZE && *at != CLICK)) {
        press(app, TTY_KEY_UP + *at % SPECIAL_COUNT);
        return 1;
    }
    if (*at == RESIZE)
        screen_resize(at[1] + 1, at[2] % 100 + 1);
    else
        screen_point(at[1] % tty_columns(app->tty), at[2] % tty_rows(app->tty));
    press(app, *at == RESIZE ? 'L' & 0x1f : TTY_KEY_CLICK);
    return 3;
}

static void take_lines(struct app *app, const uint8_t *data, size_t size) {
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t length = end ? (size_t)(end - data) - at : size - at;
        if (data[at] == '{') {
            take_event(app, (const char *)data + at, length);
            at += length + 1;
            continue;
        }
        for (size_t stop = at + length; at < stop;)
            at += take_key(app, data + at, stop - at);
        at++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const steps[] = {NULL, "why", "why-quiz", "stats"};
    struct err err = {0};
    if (size < 3)
        return 0;
    set_up();
    folder_remove(getenv("BRIGADE_WORKSPACE"));
    struct app_options options = {
        .step = steps[data[0] & 3],
        .log = data[0] & 4 ? "/dev/null" : NULL,
        .unicode = !(data[0] & 8),
        .mouse = true,
    };
    screen_resize(data[1] + 1, data[2] % 100 + 1);
    struct app *app = app_new(&options, NULL);
    if (app_start(app, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    frame_draw(app);
    screen_check();
    take_lines(app, data + 3, size - 3);
    frame_draw(app);
    screen_check();
    app_end(app);
    return 0;
}
