#include "plain/plain.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/loop.h"
#include "model/about.h"
#include "model/folder.h"
#include "model/places.h"
#include "model/way.h"
#include "plain/steps.h"

static const struct say_command commands[] = {
    {'c', "continue", "go on where you left off"},
    {'l', "list", "the list of steps again"},
    {'?', "help", "this list; a number opens the step with that number, an id as well"},
    {'q', "quit", "leave; everything is kept"},
    {0, NULL, NULL},
};

void plain_save(struct plain *plain) {
    struct err err = {0};
    if (progress_save(plain->progress, &err) < 0)
        say_text(&plain->say, "Your progress is not saved: %s. %s", err.text,
                 folder_remedy(err.code));
}

/* --- other programs --- */

struct run {
    struct loop *loop;
    int wait_status;
};

static void on_end(void *ctx, pid_t pid, int wait_status) {
    (void)pid;
    struct run *run = ctx;
    run->wait_status = wait_status;
    loop_stop(run->loop);
}

/* Ctrl-C is for the program that runs: it has the terminal. */
static void on_signal(void *ctx, int signal) { (void)ctx, (void)signal; }

int plain_run_program(struct plain *plain, const char *const *argv, const char *cwd, int out_fd) {
    struct err err = {0};
    struct run run = {.loop = loop_new(&err)};
    struct child_fd out = {out_fd, 1};
    struct child_spec spec = {
        .argv = argv, .cwd = cwd, .fds = &out, .fd_count = out_fd >= 0, .keep_stdio = true};
    fflush(stdout);
    pid_t pid = run.loop ? child_start(&spec, &err) : -1;
    if (pid > 0) {
        loop_on_signal(run.loop, on_signal, NULL);
        loop_on_child(run.loop, pid, on_end, &run);
        loop_run(run.loop);
    } else {
        say_text(&plain->say, "%s", err.text);
    }
    loop_free(run.loop);
    if (pid <= 0)
        return -1;
    return WIFEXITED(run.wait_status) ? WEXITSTATUS(run.wait_status)
                                      : 128 + WTERMSIG(run.wait_status);
}

/* --- the list --- */

static void list_steps(struct plain *plain) {
    static const char *const kinds[] = {"lesson", "exercise", "quiz"};
    const struct course *course = plain->course;
    for (size_t i = 0; i < course->step_count; i++) {
        const struct course_step *step = &course->steps[i];
        const struct chapter *chapter = &course->chapters[step->chapter];
        struct buf state = {0};
        if (!i || step->chapter != course->steps[i - 1].chapter)
            say_text(&plain->say, "\nChapter %d: %s", chapter->number, chapter->title);
        way_state(step, plain->progress, &state);
        bool named = step->kind == STEP_EXERCISE && strcmp(step->id, step->title);
        say_text(&plain->say, "%3zu  %-8s  %s%s%s: %s", i + 1, kinds[step->kind],
                 named ? step->id : "", named ? ", " : "", step->title, state.data);
        buf_release(&state);
    }
}

static void tell_way(struct plain *plain) {
    struct way_sum sum = way_sum(plain->course, plain->progress);
    struct buf words = {0};
    way_words(plain->course, plain->progress, time(NULL), &words);
    say_text(&plain->say, "\n%zu of %zu steps done, %g of %g points.", sum.done, sum.count,
             sum.points, sum.max_points);
    if (words.length)
        words.data[0] = (char)(words.data[0] - 'a' + 'A');
    say_text(&plain->say, "%s.", words.data);
    buf_release(&words);
}

static void open_step(struct plain *plain, size_t index) {
    const struct course_step *step = &plain->course->steps[index];
    progress_open_step(plain->progress, step->id);
    if (step->kind == STEP_LESSON)
        plain_lesson(plain, step);
    else if (step->kind == STEP_QUIZ)
        plain_quiz(plain, step);
    else
        plain_exercise(plain, step);
    if (!progress_is_saved(plain->progress))
        plain_save(plain);
    if (way_next(plain->course, plain->progress) >= plain->course->step_count &&
        progress_said(plain->progress, "farewell")) {
        plain_save(plain);
        say_text(&plain->say, "\nThat was all of it: every lesson read, every quiz taken, every "
                              "exercise passed. Thank you for the shift.");
    }
    if (!plain->say.ended)
        tell_way(plain);
}

static void open_chosen(struct plain *plain, const char *answer) {
    char *end;
    long number = strtol(answer, &end, 10);
    int found = *end ? course_find(plain->course, answer) : (int)number - 1;
    if (found < 0 || (size_t)found >= plain->course->step_count)
        say_text(&plain->say, "There is no step \"%s\"; l lists them, ? helps.", answer);
    else
        open_step(plain, (size_t)found);
}

static void go_on(struct plain *plain) {
    size_t next = way_next(plain->course, plain->progress);
    if (next < plain->course->step_count)
        open_step(plain, next);
    else
        say_text(&plain->say, "All is done. l lists the steps.");
}

static void converse(struct plain *plain) {
    const char *answer, *rest;
    while ((answer = say_ask(&plain->say, "\nEnter to continue, l list, ? help, q quit> "))) {
        char key = *answer ? say_command(commands, answer, &rest) : 'c';
        if (key == 'q')
            break;
        if (key == 'c')
            go_on(plain);
        else if (key == 'l')
            list_steps(plain);
        else if (key == '?')
            say_help(&plain->say, commands);
        else
            open_chosen(plain, answer);
    }
}

static void greet(struct plain *plain) {
    say_text(&plain->say, "%s: %s", plain->course->title, plain->course->subtitle);
    if (progress_is_new(plain->progress))
        say_text(&plain->say,
                 "\nWelcome. You know C; here you learn to write programs that are several "
                 "processes. Lessons are read and their examples run, exercises are programs of "
                 "yours that are traced and checked, quizzes explain every answer. Your files are "
                 "in %s.",
                 plain->workspace);
    list_steps(plain);
    tell_way(plain);
}

/* --- life --- */

static int load(struct plain *plain, const struct plain_options *options, struct err *err) {
    struct err unreadable = {0};
    char *lessons = places_lessons();
    if (!lessons)
        return err_set(err, ENOENT, "cannot find the lessons (BRIGADE_LESSONS names their folder)");
    plain->course = course_load(lessons, err);
    free(lessons);
    if (!plain->course)
        return -err->code;
    plain->workspace = places_workspace(options->workspace);
    plain->checker = places_checker();
    plain->progress = progress_load(plain->workspace, &unreadable);
    if (unreadable.code)
        say_text(&plain->say, "%s", unreadable.text);
    for (size_t i = 0; i < plain->course->step_count; i++) {
        for (char **was = plain->course->steps[i].was; was && *was; was++)
            progress_rename(plain->progress, *was, plain->course->steps[i].id);
        about_step(plain->course, i);
    }
    if (options->step && course_find(plain->course, options->step) < 0)
        return err_set(err, ENOENT,
                       "there is no step \"%s\"; brigade --plain without a name lists them",
                       options->step);
    return 0;
}

int plain_run(const struct plain_options *options, struct err *err) {
    struct plain plain = {.say = say_start(options->unicode)};
    signal(SIGPIPE, SIG_DFL); /* nobody reads any more: nothing is left to do */
    int code = load(&plain, options, err);
    if (!code) {
        if (options->step)
            open_step(&plain, (size_t)course_find(plain.course, options->step));
        else
            greet(&plain);
        converse(&plain);
    }
    if (!code && !progress_is_saved(plain.progress))
        plain_save(&plain);
    progress_free(plain.progress);
    course_free(plain.course);
    free(plain.workspace);
    free(plain.checker);
    say_end(&plain.say);
    if (!code && (fflush(stdout) || ferror(stdout)))
        return err_set(err, EIO, "the course could not be written to the standard output; is the disk full? What "
                                 "you did is saved");
    return code;
}
