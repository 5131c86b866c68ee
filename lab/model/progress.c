#include "model/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "model/folder.h"

enum { FILE_MAX = 1 << 20, BROKEN_MAX = 100 };

/* The file: {"version": 1, "at": {"step"}, "said": {WHAT: true}, "lessons": {ID: {"state", "place"}},
 * "exercises": {ID: {"passed", "score", "max_score", "failed", "tried_s", "hints"}}, "quizzes": {ID: {"right",
 * "count"}}}. A change is a few members of one of these objects, brought in by a rule, so that it can be done again
 * to what another lab has written meanwhile. */
typedef void change_fn(json_t *object, const json_t *members);

struct change {
    change_fn *fn;
    const char *section;
    char *id;
    json_t *members;
};

struct progress {
    char *workspace, *path;
    json_t *root;
    bool broken, fresh; /* the file there is not ours to overwrite; there was none */
    struct change *changes;
    size_t change_count, change_capacity; /* since the last save */
};

static const char *const lesson_names[] = {"new", "reading", "read"};

/* --- changes --- */

static json_t *section(json_t *root, const char *name) {
    json_t *object = json_object_get(root, name);
    if (json_is_object(object))
        return object;
    object = json_object();
    json_object_set_new(root, name, object);
    return object;
}

static void apply(json_t *root, const struct change *change) {
    json_t *object = section(root, change->section);
    change->fn(change->id ? section(object, change->id) : object, change->members);
}

static void change_release(struct change *change) {
    free(change->id);
    json_decref(change->members);
}

/* Does it, and remembers it for the next save if it made a difference. Takes the members. */
static bool change(struct progress *progress, change_fn *fn, const char *name, const char *id,
                   json_t *members) {
    struct change change = {fn, name, xstrdup(id), members};
    json_t *before = json_deep_copy(progress->root);
    apply(progress->root, &change);
    bool same = json_equal(before, progress->root);
    json_decref(before);
    if (same) {
        change_release(&change);
        return false;
    }
    GROW(progress->changes, progress->change_capacity, progress->change_count + 1);
    progress->changes[progress->change_count++] = change;
    return true;
}

static void forget_changes(struct progress *progress) {
    while (progress->change_count)
        change_release(&progress->changes[--progress->change_count]);
}

static void put(json_t *object, const json_t *members) {
    json_object_update(object, (json_t *)members);
}

static int lesson_rank(const json_t *lesson) {
    const char *name = json_string_value(json_object_get(lesson, "state"));
    for (int i = LESSON_READ; name && i > LESSON_NEW; i--)
        if (!strcmp(name, lesson_names[i]))
            return i;
    return LESSON_NEW;
}

static void put_lesson(json_t *lesson, const json_t *members) {
    if (lesson_rank(members) > lesson_rank(lesson))
        put(lesson, members);
}

static double number(const json_t *object, const char *name) {
    return json_number_value(json_object_get(object, name));
}

/* The best score stays, and a pass; of a try the rest is news. When the points of the exercise have changed, older
 * scores no longer compare. */
static void put_try(json_t *exercise, const json_t *members) {
    bool passed = json_is_true(json_object_get(exercise, "passed"));
    double score = number(exercise, "score");
    bool keeps = json_object_get(exercise, "score") && score >= number(members, "score") &&
                 number(exercise, "max_score") == number(members, "max_score");
    json_object_del(exercise, "failed");
    put(exercise, members);
    if (passed)
        json_object_set_new(exercise, "passed", json_true());
    if (keeps)
        json_object_set_new(exercise, "score", json_real(score));
}

static void put_hints(json_t *exercise, const json_t *members) {
    if (number(members, "hints") > number(exercise, "hints"))
        put(exercise, members);
}

static void put_quiz(json_t *quiz, const json_t *members) {
    if (number(quiz, "count") != number(members, "count") ||
        number(members, "right") > number(quiz, "right") || !json_object_get(quiz, "right"))
        put(quiz, members);
}

/* --- the file --- */

/* What the file holds; NULL: nothing that can be read, *code says why (-ENOENT: there is none). */
static json_t *read_file(const struct progress *progress, int *code, struct err *err) {
    struct buf text = {0};
    json_t *root = NULL;
    *code = file_read(progress->path, &text, FILE_MAX, err);
    if (!*code)
        root = json_loadb(text.data ? text.data : "", text.length, 0, NULL);
    buf_release(&text);
    if (json_is_object(root))
        return root;
    json_decref(root);
    *code = *code ? *code : -EINVAL;
    return NULL;
}

struct progress *progress_load(const char *workspace, struct err *err) {
    struct progress *progress = xcalloc(1, sizeof *progress);
    int code = 0;
    progress->workspace = xstrdup(workspace);
    progress->path = xasprintf("%s/.progress.json", workspace);
    progress->root = read_file(progress, &code, NULL);
    progress->fresh = code == -ENOENT || code == -ENOTDIR;
    progress->broken = code && !progress->fresh;
    if (progress->broken)
        err_set(err, EINVAL, "%s cannot be read; it will be kept as .progress.json.broken",
                progress->path);
    if (!progress->root)
        progress->root = json_pack("{s:i}", "version", 1);
    return progress;
}

/* -EEXIST if there is a file of the new name; not every file system can tell while it renames. */
static int rename_to_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (access(to, F_OK) == 0)
        return -EEXIST;
    return rename(from, to) < 0 ? -errno : 0;
}

/* To a name that is not taken. */
static int set_aside(struct progress *progress, struct err *err) {
    int code = -EEXIST;
    for (int i = 1; code == -EEXIST && i <= BROKEN_MAX; i++) {
        char *aside = i > 1 ? xasprintf("%s.broken.%d", progress->path, i)
                            : xasprintf("%s.broken", progress->path);
        code = rename_to_new(progress->path, aside);
        free(aside);
    }
    if (code && code != -ENOENT)
        return err_sys(err, -code, "cannot set %s aside", progress->path);
    progress->broken = false;
    return 0;
}

/* Makes what is there now, and what was done here, one. */
static int take_in(struct progress *progress, struct err *err) {
    int code = 0;
    json_t *root = read_file(progress, &code, NULL);
    if (!root && code != -ENOENT)
        return set_aside(progress, err);
    if (!root)
        return 0; /* deleted: what we know is all there is */
    for (size_t i = 0; i < progress->change_count; i++)
        apply(root, &progress->changes[i]);
    json_decref(progress->root);
    progress->root = root;
    return 0;
}

static int write_file(struct progress *progress, struct err *err) {
    if (!json_is_integer(json_object_get(progress->root, "version")))
        json_object_set_new(progress->root, "version", json_integer(1));
    char *text = json_dumps(progress->root, JSON_INDENT(2) | JSON_SORT_KEYS);
    struct buf content = {0};
    buf_printf(&content, "%s\n", text);
    int code = folder_write_whole(progress->path, content.data, content.length, err);
    buf_release(&content);
    free(text);
    return code;
}

/* Another lab holds it for as long as it takes to write one small file. */
static int lock(const struct progress *progress, int *fd, struct err *err) {
    char *path = xasprintf("%s/.progress.lock", progress->workspace);
    int code = 0;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    while (*fd >= 0 && (code = flock(*fd, LOCK_EX) < 0 ? -errno : 0) == -EINTR)
        ;
    if (*fd < 0)
        code = -errno;
    if (code == -ENOLCK || code == -EOPNOTSUPP || code == -ENOSYS)
        code = 0; /* a file system without locks: one lab at a time is as safe as ever */
    if (code)
        err_sys(err, -code, "cannot lock %s", path);
    free(path);
    return code;
}

int progress_save(struct progress *progress, struct err *err) {
    int fd = -1;
    int code = folder_make(progress->workspace, err);
    if (!code)
        code = lock(progress, &fd, err);
    if (!code)
        code = take_in(progress, err);
    if (!code)
        code = write_file(progress, err);
    fd_close(&fd);
    if (!code)
        forget_changes(progress);
    return code;
}

bool progress_is_saved(const struct progress *progress) { return !progress->change_count; }

bool progress_is_new(const struct progress *progress) { return progress->fresh; }

void progress_free(struct progress *progress) {
    if (!progress)
        return;
    forget_changes(progress);
    free(progress->changes);
    json_decref(progress->root);
    free(progress->workspace);
    free(progress->path);
    free(progress);
}

/* --- what is known --- */

static const json_t *item(const struct progress *progress, const char *name, const char *id) {
    return json_object_get(json_object_get(progress->root, name), id);
}

enum lesson_state progress_lesson_state(const struct progress *progress, const char *id) {
    return (enum lesson_state)lesson_rank(item(progress, "lessons", id));
}

size_t progress_lesson_place(const struct progress *progress, const char *id) {
    double place = number(item(progress, "lessons", id), "place");
    return place > 0 ? (size_t)place : 0;
}

struct exercise_state progress_exercise_state(const struct progress *progress, const char *id) {
    const json_t *exercise = item(progress, "exercises", id);
    return (struct exercise_state){
        .tried = json_object_get(exercise, "score") || json_object_get(exercise, "passed"),
        .passed = json_is_true(json_object_get(exercise, "passed")),
        .score = number(exercise, "score"),
        .max_score = number(exercise, "max_score"),
        .failed = json_string_value(json_object_get(exercise, "failed")),
        .tried_s = json_integer_value(json_object_get(exercise, "tried_s")),
        .hints = (int)json_integer_value(json_object_get(exercise, "hints")),
    };
}

struct quiz_state progress_quiz_state(const struct progress *progress, const char *id) {
    const json_t *quiz = item(progress, "quizzes", id);
    json_int_t right = json_integer_value(json_object_get(quiz, "right"));
    json_int_t count = json_integer_value(json_object_get(quiz, "count"));
    bool taken = count > 0 && right >= 0 && right <= count;
    return (struct quiz_state){taken, taken ? (size_t)right : 0, taken ? (size_t)count : 0};
}

const char *progress_last_step(const struct progress *progress) {
    return json_string_value(json_object_get(json_object_get(progress->root, "at"), "step"));
}

bool progress_has_said(const struct progress *progress, const char *what) {
    return json_is_true(json_object_get(json_object_get(progress->root, "said"), what));
}

/* --- what is done --- */

bool progress_lesson(struct progress *progress, const char *id, enum lesson_state state) {
    return change(progress, put_lesson, "lessons", id,
                  json_pack("{s:s}", "state", lesson_names[state]));
}

bool progress_lesson_stop(struct progress *progress, const char *id, size_t place) {
    return change(progress, put, "lessons", id, json_pack("{s:I}", "place", (json_int_t)place));
}

bool progress_exercise(struct progress *progress, const char *id, const struct exercise_try *try) {
    json_t *members = json_pack("{s:b, s:f, s:f, s:I}", "passed", try->passed, "score", try->score,
                                "max_score", try->max_score, "tried_s", (json_int_t)try->at_s);
    if (try->failed)
        json_object_set_new(members, "failed", json_string(try->failed));
    return change(progress, put_try, "exercises", id, members);
}

bool progress_hints(struct progress *progress, const char *id, int shown) {
    return change(progress, put_hints, "exercises", id, json_pack("{s:i}", "hints", shown));
}

bool progress_quiz(struct progress *progress, const char *id, size_t right, size_t count) {
    return change(progress, put_quiz, "quizzes", id,
                  json_pack("{s:I, s:I}", "right", (json_int_t)right, "count", (json_int_t)count));
}

bool progress_open_step(struct progress *progress, const char *id) {
    return change(progress, put, "at", NULL, json_pack("{s:s}", "step", id));
}

bool progress_said(struct progress *progress, const char *what) {
    return change(progress, put, "said", NULL, json_pack("{s:b}", what, true));
}

static void put_if_new(json_t *object, const json_t *members) {
    if (!json_object_size(object))
        put(object, members);
}

bool progress_rename(struct progress *progress, const char *old_id, const char *id) {
    static const char *const sections[] = {"lessons", "exercises", "quizzes"};
    bool changed = false;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const json_t *old = item(progress, sections[i], old_id);
        if (json_is_object(old) && !item(progress, sections[i], id))
            changed |= change(progress, put_if_new, sections[i], id, json_deep_copy(old));
    }
    const char *last = progress_last_step(progress);
    if (last && !strcmp(last, old_id))
        changed |= progress_open_step(progress, id);
    return changed;
}
