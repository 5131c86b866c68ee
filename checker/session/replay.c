#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "session/internal.h"

struct replay {
    struct exercise *exercise; /* NULL, as grade: of a run that nothing was asked of */
    struct grade *grade;
    struct result_builder *builder;
    struct report *report;
    struct err *err;
    const char *path;
    const char *name; /* of the exercise, or NULL: as the log says */
    int64_t t_ns;
    bool begun, failed;
};

static void give_up(struct replay *replay, const char *text) {
    if (!replay->failed)
        err_set(replay->err, EINVAL, "%s: %s", replay->path, text);
    replay->failed = true;
}

/* The first event names the exercise; the checks come from it as it is now. */
static void begin(struct replay *replay, const json_t *event) {
    const char *id = replay->name ? replay->name : event_text(event, "exercise", "");
    if (event_type_of(event) != EVENT_RUN) {
        give_up(replay, "the first event is not `run`: this is no log of brigade-check");
        return;
    }
    if (event_int(event, "v", 0) != EVENT_VERSION) {
        give_up(replay, "the log is of another version of brigade-check");
        return;
    }
    replay->begun = true;
    if (!replay->name && json_array_size(json_object_get(event, "checks")) == 0)
        return;
    replay->exercise = exercise_load(id, replay->err);
    replay->grade = replay->exercise ? grade_new(replay->exercise, replay->err) : NULL;
    replay->failed = !replay->grade;
}

static void tell(struct replay *replay, const json_t *event) {
    replay->t_ns = event_t_ns(event);
    report_event(replay->report, event);
    result_builder_observe(replay->builder, event);
    if (replay->grade)
        grade_observe(replay->grade, event);
}

static void on_value(void *ctx, json_t *value, const char *error) {
    struct replay *replay = ctx;
    struct err err = {0};
    if (replay->failed)
        return;
    if (error || event_validate(value, &err)) {
        give_up(replay, error ? error : err.text);
        return;
    }
    if (!replay->begun)
        begin(replay, value);
    enum event_type type = event_type_of(value);
    if (!replay->failed && type != EVENT_CHECK && type != EVENT_VERDICT)
        tell(replay, value);
}

static void emit_check(void *ctx, json_t *event) {
    struct replay *replay = ctx;
    json_object_set_new(event, "t_ns", json_integer(replay->t_ns));
    report_event(replay->report, event);
    result_builder_observe(replay->builder, event);
    json_decref(event);
}

static int read_log(struct replay *replay) {
    struct reader reader = {.fn = on_value, .ctx = replay};
    struct buf bytes = {0};
    int fd = open(replay->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_sys(replay->err, errno, "cannot open the log %s", replay->path);
    ssize_t got;
    while ((got = buf_read(&bytes, fd, 65536)) > 0 && !replay->failed) {
        reader_feed(&reader, bytes.data, bytes.length);
        buf_clear(&bytes);
    }
    reader_end(&reader);
    reader_release(&reader);
    buf_release(&bytes);
    fd_close(&fd);
    if (got < 0)
        return err_sys(replay->err, (int)-got, "cannot read the log %s", replay->path);
    if (!replay->failed && !replay->begun)
        give_up(replay, "the log is empty");
    return replay->failed ? -EINVAL : 0;
}

json_t *session_replay(const char *log_path, const char *exercise, struct report *report,
                       struct err *err) {
    struct replay replay = {.path = log_path, .name = exercise, .report = report, .err = err,
                            .builder = result_builder_new()};
    int code = read_log(&replay);
    if (code == 0 && replay.grade)
        grade_judge_all(replay.grade, emit_check, &replay);
    json_t *result = result_builder_finish(replay.builder);
    if (code == 0) {
        report_result(report, result);
    } else {
        json_decref(result);
        result = NULL;
    }
    grade_free(replay.grade);
    exercise_free(replay.exercise);
    return result;
}
