/* An exercise in plain text: its task, the student's editor, runs told by the checker itself. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "app/editor.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "base/text.h"
#include "model/folder.h"
#include "model/source_place.h"
#include "model/task.h"
#include "model/workspace.h"
#include "plain/steps.h"
#include "proto/event.h"
#include "proto/outcome.h"

enum { TEXT_MAX = 4 << 20, LOG_MAX = 64 << 20, DIFF_MAX = 512 << 10 };

static const struct say_command commands[] = {
    {'r', "run", "compile, run and check your program; Ctrl-C stops it"},
    {'e', "edit", "edit it with $VISUAL, $EDITOR or vi, at the line that was named last"},
    {'t', "task", "the task again"},
    {'h', "hint", "the next hint"},
    {'S', "solutions", "once passed: the solutions; S and a number shows one beside yours"},
    {'R', "reset", "put the starter back; asks first, and keeps what you had"},
    {'?', "help", "this list"},
    {'q', "quit", "back to the steps"},
    {0, NULL, NULL},
};

struct bench {
    struct plain *plain;
    const struct course_step *step;
    struct exercise *exercise;
    struct workspace workspace;
    struct task task;
    struct source_place place; /* named by the last run; line 0: none */
};

static struct exercise_state state_of(const struct bench *bench) {
    return progress_exercise_state(bench->plain->progress, bench->exercise->id);
}

static void show_task(struct bench *bench) {
    char *page = task_page(&bench->task, (size_t)state_of(bench).hints, "h gives the next.");
    putchar('\n');
    say_markdown(&bench->plain->say, page);
    free(page);
}

static void hint(struct bench *bench) {
    struct say *say = &bench->plain->say;
    size_t shown = (size_t)state_of(bench).hints;
    if (!bench->task.hint_count) {
        say_text(say, "This exercise has no hints.");
        return;
    }
    if (shown >= bench->task.hint_count)
        say_text(say, "These are all the hints; t shows them with the task. The last:");
    else
        progress_hints(bench->plain->progress, bench->exercise->id, (int)++shown);
    say_text(say, "\nHint %zu of %zu", shown, bench->task.hint_count);
    say_markdown(say, bench->task.hints[shown - 1]);
    plain_save(bench->plain);
}

/* Whether there is what is needed; says what is not. */
static bool has(struct bench *bench, char *lacks) {
    if (lacks)
        say_text(&bench->plain->say, "%s", lacks);
    free(lacks);
    return !lacks;
}

static void edit(struct bench *bench) {
    struct editor_command command;
    if (!has(bench, workspace_lack(&bench->workspace, NULL)))
        return;
    if (editor_advice())
        say_text(&bench->plain->say, "%s", editor_advice());
    char *source = workspace_source(&bench->workspace, bench->exercise);
    const char *file = bench->place.line ? bench->place.file : source;
    editor_command_make(&command, editor_choice(), file, bench->place.line);
    plain_run_program(bench->plain, (const char *const *)command.argv, bench->workspace.dir, -1);
    editor_command_release(&command);
    free(source);
}

/* --- a run --- */

/* The last event of a kind in a log; a new reference, NULL: there is none. */
static json_t *last_event(const char *log, enum event_type type) {
    json_t *last = NULL;
    for (size_t length; *log; log += length + (log[length] == '\n')) {
        length = strcspn(log, "\n");
        json_t *event = json_loadb(log, length, 0, NULL);
        if (event && event_type_of(event) == type) {
            json_decref(last);
            last = json_incref(event);
        }
        json_decref(event);
    }
    return last;
}

static const char *text_of(const json_t *object, const char *member) {
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

/* The first check that failed, and the first line of a source that a failed check names. */
static const char *look_at_checks(const json_t *result, struct source_place *place) {
    const char *failed = NULL;
    size_t i;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), i, check) {
        if (strcmp(text_of(check, "status"), "failed"))
            continue;
        failed = failed ? failed : text_of(check, "id");
        if (!place->line && !source_place_find(text_of(check, "message"), place))
            source_place_find(text_of(check, "actual"), place);
    }
    return failed;
}

static void remember(struct bench *bench, const char *log) {
    json_t *event = last_event(log, EVENT_VERDICT);
    const json_t *result = json_object_get(event, "result");
    const char *verdict = text_of(result, "verdict");
    bool graded = !strcmp(verdict, "passed") || !strcmp(verdict, "failed");
    bench->place.line = 0;
    if (graded && strcmp(text_of(result, "outcome"), "stopped")) {
        struct exercise_try try = {
            .passed = !strcmp(verdict, "passed"),
            .score = json_number_value(json_object_get(result, "score")),
            .max_score = json_number_value(json_object_get(result, "max_score")),
            .failed = look_at_checks(result, &bench->place),
            .at_s = time(NULL),
        };
        progress_exercise(bench->plain->progress, bench->exercise->id, &try);
        plain_save(bench->plain);
    }
    json_decref(event);
}

static void run(struct bench *bench) {
    if (!has(bench, workspace_lack(&bench->workspace, bench->exercise)))
        return;
    const char *folder = getenv("TMPDIR");
    char *log = xasprintf("%s/brigade-run.XXXXXX", folder && *folder ? folder : "/tmp");
    int fd = mkostemp(log, O_CLOEXEC);
    const char *argv[] = {bench->plain->checker,         "run",      bench->exercise->id,
                          bench->workspace.dir,          "--format", "text",
                          fd >= 0 ? "--keep-log" : NULL, log,        NULL};
    struct buf text = {0};
    int code = plain_run_program(bench->plain, argv, NULL, -1);
    if (code > EXIT_NOT_PASSED)
        say_text(&bench->plain->say, "The run was not graded.");
    if (fd >= 0 && file_read(log, &text, LOG_MAX, NULL) == 0 && text.data)
        remember(bench, text.data);
    if (fd >= 0)
        unlink(log);
    fd_close(&fd);
    buf_release(&text);
    free(log);
    if (bench->place.line)
        say_text(&bench->plain->say, "e opens %s at line %d.", bench->place.file,
                 bench->place.line);
}

/* --- solutions and the starter --- */

/* Foreign text is made printable line by line. */
static void say_foreign(struct say *say, const char *text) {
    struct lines lines = {0};
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        struct buf clean = {0};
        length = strcspn(text, "\n");
        for (size_t i = 0; i <= length;) {
            size_t here = strcspn(text + i, "\t\n");
            text_append_printable(&clean, text + i, here, false);
            i += here + 1;
            if (i <= length)
                buf_puts(&clean, "    ");
        }
        lines_open(&lines);
        lines_add(&lines, TONE_PLAIN, clean.data, clean.length);
        buf_release(&clean);
    }
    say_lines(say, &lines, 0, lines.count);
    lines_release(&lines);
}

static void show_solution(struct bench *bench, const char *name) {
    struct say *say = &bench->plain->say;
    char *theirs = xasprintf("%s/solutions/%s", bench->exercise->dir, name);
    const char *argv[] = {"diff",         "-ru", "--unidirectional-new-file",
                          "--exclude=.*", "--",  bench->workspace.dir,
                          theirs,         NULL};
    struct buf text = {0};
    int fd = memfd_create("diff", MFD_CLOEXEC);
    int code = fd < 0 ? -1 : plain_run_program(bench->plain, argv, NULL, fd);
    if (code >= 0 && code <= 1 && lseek(fd, 0, SEEK_SET) == 0)
        fd_read_all(fd, &text, DIFF_MAX);
    say_text(say, "Yours behind -, %s behind +:", name);
    say_foreign(say, text.data ? text.data : "");
    if (code == 0)
        say_text(say, "The same as yours.");
    else if (code != 1)
        say_text(say, "diff could not compare them; the command diff is needed for this.");
    fd_close(&fd);
    buf_release(&text);
    free(theirs);
}

static void solutions(struct bench *bench, const char *rest) {
    struct say *say = &bench->plain->say;
    size_t count = 0, wanted = strtoul(rest, NULL, 10);
    char *folder = xasprintf("%s/solutions", bench->exercise->dir);
    char **names = folder_list(folder, &count);
    if (!state_of(bench).passed)
        say_text(say, "The solutions are shown once you have passed.");
    else if (wanted && wanted <= count)
        show_solution(bench, names[wanted - 1]);
    else
        for (size_t i = 0; i < count; i++)
            say_text(say, "%3zu  %s", i + 1, names[i]);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(folder);
}

static void reset(struct bench *bench) {
    struct say *say = &bench->plain->say;
    struct err err = {0};
    char *kept = NULL;
    const char *answer = say_ask(say, "Put the starter back? Your files are kept beside it. y/n> ");
    if (!answer || *answer != 'y')
        return;
    if (workspace_reset(&bench->workspace, bench->exercise, &kept, &err) < 0)
        say_text(say, "%s. %s", err.text, folder_remedy(err.code));
    else if (kept)
        say_text(say, "The starter is back. What you had is in %s.", kept);
    else
        say_text(say, "The starter is now in %s.", bench->workspace.dir);
    free(kept);
}

/* --- life --- */

static void converse(struct bench *bench) {
    const char *answer, *rest;
    struct say *say = &bench->plain->say;
    while ((answer = say_ask(say, "\nEnter or r run, e edit, h hint, t task, ? help, q quit> "))) {
        switch (*answer ? say_command(commands, answer, &rest) : 'r') {
        case 'r': run(bench); break;
        case 'e': edit(bench); break;
        case 't': show_task(bench); break;
        case 'h': hint(bench); break;
        case 'S': solutions(bench, rest); break;
        case 'R': reset(bench); break;
        case 'q': return;
        default: say_help(say, commands); break;
        }
    }
}

static bool open_files(struct bench *bench, struct err *err) {
    struct buf text = {0};
    bench->exercise = exercise_load(bench->step->id, err);
    if (!bench->exercise || workspace_open(&bench->workspace, bench->plain->workspace,
                                           bench->exercise, bench->step->was, err) < 0)
        return false;
    char *path = xasprintf("%s/task.md", bench->exercise->dir);
    if (file_read(path, &text, TEXT_MAX, NULL) < 0 || !text.length)
        buf_printf(&text, "# %s\n\nThis exercise has no task.md.\n", bench->exercise->title);
    task_read(&bench->task, text.data);
    free(path);
    buf_release(&text);
    return true;
}

void plain_exercise(struct plain *plain, const struct course_step *step) {
    struct bench bench = {.plain = plain, .step = step};
    struct err err = {0};
    if (open_files(&bench, &err)) {
        show_task(&bench);
        say_text(&plain->say, "\nYour files are in %s%s", bench.workspace.dir,
                 bench.workspace.is_new ? ", the starter for now." : ".");
        converse(&bench);
    } else {
        say_text(&plain->say, "%s. %s", err.text, folder_remedy(err.code));
    }
    task_release(&bench.task);
    workspace_release(&bench.workspace);
    exercise_free(bench.exercise);
}
