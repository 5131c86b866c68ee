#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "session/internal.h"
#include "session/needs.h"

static void to_report(void *ctx, const json_t *event) {
    struct session *session = ctx;
    report_event(session->report, event);
}

static void to_file(void *ctx, const json_t *event) {
    struct session *session = ctx;
    if (session->keep_fd < 0)
        return;
    char *line = event_line(event);
    if (fd_write_all(session->keep_fd, line, strlen(line)) < 0)
        fd_close(&session->keep_fd); /* a full disk must not cost the verdict */
    free(line);
}

static void to_grade(void *ctx, const json_t *event) {
    struct session *session = ctx;
    grade_observe(session->grade, event);
}

static void to_builder(void *ctx, const json_t *event) {
    struct session *session = ctx;
    result_builder_observe(session->builder, event);
}

static void to_drive(void *ctx, const json_t *event) {
    struct session *session = ctx;
    if (session->drive)
        drive_observe(session->drive, event);
}

static void emit_check(void *ctx, json_t *event) { session_emit(ctx, event); }

/* Checks turn as soon as their step is over, so that a person sees them turn. */
static void judge_after_step(void *ctx, const json_t *event) {
    struct session *session = ctx;
    if (session->options->live && event_type_of(event) == EVENT_STEP &&
        strcmp(event_text(event, "state", ""), "end") == 0)
        grade_judge(session->grade, event_text(event, "step", ""), emit_check, session);
}

static int64_t program_time(void *ctx) {
    struct session *session = ctx;
    if (session->ended_ns)
        return session->ended_ns;
    return session->trace ? trace_now_ns(session->trace) : 0;
}

static void listen_all(struct session *session) {
    log_listen(session->log, to_report, session);
    log_listen(session->log, to_file, session);
    log_listen(session->log, to_grade, session);
    log_listen(session->log, to_builder, session);
    log_listen(session->log, to_drive, session);
    log_listen(session->log, judge_after_step, session);
    log_set_time(session->log, program_time, session);
}

static json_t *words(const char *const *list) {
    json_t *array = json_array();
    for (; list && *list; list++)
        json_array_append_new(array, json_string(*list));
    return array;
}

static void emit_run(struct session *session) {
    const struct exercise *exercise = session->exercise;
    json_t *steps = json_array(), *checks = json_array();
    for (size_t i = 0; i < exercise->step_count; i++)
        json_array_append_new(steps, json_pack("{s:s, s:s*}", "id", exercise->steps[i].id, "title",
                                               exercise->steps[i].title));
    for (size_t i = 0; i < exercise->check_count; i++)
        json_array_append_new(checks, json_pack("{s:s, s:s, s:f, s:s*}", "id",
                                                exercise->checks[i].id, "title",
                                                exercise->checks[i].title, "max_score",
                                                exercise->checks[i].points, "hint",
                                                exercise->checks[i].hint));
    json_t *event = event_new(
        EVENT_RUN, "{s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:o, s:s, s:o, s:o}", "v", EVENT_VERSION,
        "exercise", exercise->id, "title", exercise->title, "language", session->language->id,
        "clock", session->options->real_clock ? "real" : "virtual", "cpus", exercise->cpus, "box", "full", "command",
        words(session->language->run), "version", BRIGADE_VERSION, "steps", steps, "checks",
        checks);
    event_set_bytes(event, "dir", session->options->dir, strlen(session->options->dir), 4096);
    session_emit(session, event);
}

/* Tracer, driver and program share one CPU: a stop is then a switch and no message between CPUs, seven times
 * cheaper. Runs side by side spread by their process number. Where it is not allowed, nothing is lost but
 * speed. */
static void pin_to_one_cpu(void) {
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        return;
    int wanted = getpid() % CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || wanted-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

static int64_t passed_ms(const struct session *session) {
    return (clock_now_ns() - session->began_ns) / NS_PER_MS;
}

static void emit_end(struct session *session) {
    int64_t wall_ms = session->wall_ms ? session->wall_ms : passed_ms(session);
    json_t *event = event_new(
        EVENT_END, "{s:s, s:I, s:I, s:i, s:i}", "outcome", outcome_name(session->outcome), "wall_ms",
        (json_int_t)wall_ms, "virtual_ms",
        (json_int_t)(program_time(session) / NS_PER_MS), "jumps",
        session->trace ? trace_jump_count(session->trace) : 0, "processes",
        session->trace ? trace_process_count(session->trace) : 0);
    if (session->detail[0])
        event_set_bytes(event, "detail", session->detail, strlen(session->detail),
                        sizeof session->detail);
    if (session->trace)
        json_object_set_new(event, "memory_bytes",
                            json_integer(trace_memory_peak_bytes(session->trace)));
    if (session->waits)
        json_object_set(event, "waits", session->waits);
    session_emit(session, event);
}

static void fail(struct session *session, const struct err *err) {
    session->outcome = OUTCOME_ERROR;
    memcpy(session->detail, err->text, sizeof session->detail);
    json_t *event = event_new(EVENT_ERROR, "{}");
    event_set_bytes(event, "text", err->text, strlen(err->text), sizeof err->text);
    session_emit(session, event);
}

/* Builds and runs; what goes wrong with the machine or with us becomes the outcome `error`. */
static void build_and_run(struct session *session) {
    struct err err = {0};
    const char *missing = needs_missing(session->language);
    if (missing) {
        err_set(&err, ENOENT,
                "this machine has no `%s`, which submissions in %s need; install it (/usr/bin), or "
                "grade them elsewhere",
                missing, session->language->title);
        fail(session, &err);
        return;
    }
    int code = build_run(&session->build, session->exercise, session->language,
                         session->options->dir, compile_run, emit_check, session, &err);
    if (code) {
        if (!session->over) /* stopped from outside is no fault of ours */
            fail(session, &err);
        return;
    }
    if (!session->build.ok) {
        session->outcome = OUTCOME_BUILD_FAILED;
        return;
    }
    if (session->exercise->step_count) /* what is only watched may use them all */
        pin_to_one_cpu();
    if (run_program(session, &err)) {
        fail(session, &err);
        return;
    }
    session->ended_ns = program_time(session); /* what is looked into now takes none of its time */
    session->wall_ms = passed_ms(session);
    diagnose_crash(session);
}

static void emit_verdict(void *ctx, json_t *result) {
    struct session *session = ctx;
    json_t *event = event_new(EVENT_VERDICT, "{s:O}", "result", result);
    session_emit(session, event);
}

static json_t *conclude(struct session *session) {
    emit_end(session);
    if (!session->options->free_run)
        grade_judge_all(session->grade, emit_check, session);
    json_t *result = result_builder_finish(session->builder);
    session->builder = result_builder_new(); /* the verdict event still passes it */
    emit_verdict(session, result);
    report_result(session->report, result);
    return result;
}

/* The manifest's steps are the driver's to judge. */
static int check_scenario(const struct exercise *exercise, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < exercise->step_count && code == 0; i++) {
        if (drive_step_check(exercise->steps[i].options, err) == 0)
            continue;
        char *pointer = xasprintf("/scenario/%zu", i);
        char *place = exercise_place(exercise, pointer);
        code = err_prefix(err, "%s", place);
        free(place);
        free(pointer);
    }
    return code;
}

int session_check_exercise(const struct exercise *exercise, struct err *err) {
    int code = check_scenario(exercise, err);
    struct grade *grade = code == 0 ? grade_new(exercise, err) : NULL;
    code = code == 0 && !grade ? -EINVAL : code;
    grade_free(grade);
    return code;
}

static int prepare(struct session *session, struct err *err) {
    if (!session->exercise || check_scenario(session->exercise, err))
        return -1;
    session->language = exercise_language(session->exercise, session->options->dir, err);
    if (!session->language)
        return -1;
    command_init(&session->command, session->exercise, session->language);
    session->grade = grade_new(session->exercise, err);
    if (!session->grade)
        return -1;
    if (session->options->keep_log) {
        session->keep_fd = open(session->options->keep_log,
                                O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
        if (session->keep_fd < 0)
            return err_sys(err, errno, "cannot write the log to %s", session->options->keep_log);
    }
    session->loop = loop_new(err);
    return session->loop ? 0 : -1;
}

static void release(struct session *session) {
    build_release(&session->build);
    grade_free(session->grade);
    command_release(&session->command);
    exercise_free(session->exercise);
    log_free(session->log);
    if (session->builder)
        json_decref(result_builder_finish(session->builder));
    json_decref(session->waits);
    json_decref(session->own);
    fd_close(&session->keep_fd);
    loop_free(session->loop);
}

/* Takes the exercise, NULL with err told included. */
static json_t *run_exercise(struct exercise *exercise, const struct session_options *options,
                            struct report *report, struct err *err) {
    struct session session = {.options = options, .report = report, .keep_fd = -1,
                              .exercise = exercise, .outcome = OUTCOME_COMPLETED,
                              .began_ns = clock_now_ns()};
    json_t *result = NULL;
    if (prepare(&session, err) == 0) {
        session.log = log_new();
        session.builder = result_builder_new();
        listen_all(&session);
        emit_run(&session);
        build_and_run(&session);
        result = conclude(&session);
        trace_free(session.trace);
    }
    release(&session);
    return result;
}

json_t *session_run(const struct session_options *options, struct report *report,
                    struct err *err) {
    return run_exercise(exercise_load(options->exercise, err), options, report, err);
}

json_t *session_watch(const struct session_options *options, const char *path,
                      const char *const *args, struct report *report, struct err *err) {
    struct exercise *exercise = exercise_of_file(path, args, err);
    struct session_options watching = *options;
    watching.free_run = true;
    watching.dir = exercise ? exercise->dir : NULL;
    return run_exercise(exercise, &watching, report, err);
}
