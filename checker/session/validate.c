#include "session/validate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/loop.h"
#include "exercise/exercise.h"
#include "proto/event.h"
#include "session/needs.h"
#include "session/session.h"

enum { RESULT_MOST = 16 << 20, JOBS_A_CPU = 4, MANIFEST_MOST = 1 << 16 };

enum job_kind { JOB_SOLUTION, JOB_STARTER, JOB_MUTANT };

struct job {
    enum job_kind kind;
    char *exercise; /* its id */
    char *asked_as; /* its id or path, as it was asked for */
    char *name, *dir;
    int round; /* from 0, of those that --repeat asks for */
    json_t *claim; /* a mutant's mutant.json */
    char *missing; /* a command that the machine lacks: cannot be run here */
    pid_t pid;
    int result_fd;
    struct buf output;
    int64_t began_ns;
};

struct validation {
    const struct validate_options *options;
    const char *asking; /* the exercise whose submissions are being listed */
    int round;
    struct loop *loop;
    struct job **jobs;
    size_t count, capacity, next;
    int running, passed, failed, skipped, most;
    bool stopped;
};

static const char *const kind_names[] = {"solution", "starter", "mutant"};

/* --- what is to be proved ------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool wanted(const struct validation *validation, const char *dir) {
    return !validation->options->only || strstr(dir, validation->options->only);
}

/* The checks that a claim may name, `build` among them. */
static bool has_check(const struct exercise *exercise, const char *id) {
    for (size_t i = 0; i < exercise->check_count; i++)
        if (strcmp(exercise->checks[i].id, id) == 0)
            return true;
    return false;
}

static int check_named(const struct exercise *exercise, const char *path, const char *id,
                       struct err *err) {
    if (has_check(exercise, id))
        return 0;
    struct buf there = {0};
    for (size_t i = 0; i < exercise->check_count; i++)
        buf_printf(&there, "%s%s", i ? ", " : "", exercise->checks[i].id);
    int code = err_set(err, EINVAL, "%s: the manifest has no check \"%s\"; there are %s", path, id,
                       there.data);
    buf_release(&there);
    return code;
}

static int check_claim(const struct exercise *exercise, const json_t *claim, const char *path,
                       struct err *err) {
    const json_t *by = json_object_get(claim, "caught_by");
    if (!json_is_string(by))
        return err_set(err, EINVAL, "%s: name the check that must catch it in \"caught_by\"", path);
    int code = check_named(exercise, path, json_string_value(by), err);
    size_t index;
    json_t *also;
    json_array_foreach(json_object_get(claim, "also"), index, also)
        if (code == 0 && json_is_string(also))
            code = check_named(exercise, path, json_string_value(also), err);
    return code;
}

static int read_claim(const struct exercise *exercise, struct job *job, struct err *err) {
    static const char remedy[] =
        "write {\"caught_by\": \"CHECK\", \"also\": [], \"about\": \"...\"}";
    char *path = xasprintf("%s/mutant.json", job->dir);
    json_error_t error;
    job->claim = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    int code = 0;
    if (!job->claim && error.line > 0)
        code = err_set(err, EINVAL, "%s:%d: %s; %s", path, error.line, error.text, remedy);
    else if (!job->claim)
        code = err_set(err, EINVAL, "%s cannot be read: %s; %s", path, strerror(errno), remedy);
    else
        code = check_claim(exercise, job->claim, path, err);
    free(path);
    return code;
}

static int add_job(struct validation *validation, const struct exercise *exercise,
                   enum job_kind kind, const char *name, char *dir, struct err *err) {
    struct stat info;
    if (!wanted(validation, dir) || stat(dir, &info) < 0 || !S_ISDIR(info.st_mode)) {
        free(dir);
        return 0;
    }
    struct job *job = xcalloc(1, sizeof *job);
    *job = (struct job){.kind = kind, .exercise = xstrdup(exercise->id),
                        .asked_as = xstrdup(validation->asking), .name = xstrdup(name), .dir = dir,
                        .round = validation->round,
                        .result_fd = -1};
    const struct language *language = exercise_language(exercise, dir, NULL);
    job->missing = xstrdup(language ? needs_missing(language) : NULL);
    GROW(validation->jobs, validation->capacity, validation->count + 1);
    validation->jobs[validation->count++] = job;
    return kind == JOB_MUTANT ? read_claim(exercise, job, err) : 0;
}

/* A folder of submissions, by name. */
static int add_folder(struct validation *validation, const struct exercise *exercise,
                      enum job_kind kind, const char *folder, struct err *err) {
    char *path = xasprintf("%s/%s", exercise->dir, folder);
    DIR *dir = opendir(path);
    char **names = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        GROW(names, capacity, count + 1);
        names[count++] = xstrdup(entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (count)
        qsort(names, count, sizeof *names, compare_names);
    int code = 0;
    for (size_t i = 0; i < count; i++) {
        if (code == 0)
            code = add_job(validation, exercise, kind, names[i],
                           xasprintf("%s/%s", path, names[i]), err);
        free(names[i]);
    }
    free(names);
    free(path);
    return code;
}

static int add_exercise(struct validation *validation, const char *id, struct err *err) {
    struct exercise *exercise = exercise_load(id, err);
    if (!exercise)
        return -EINVAL;
    validation->asking = id;
    int code = session_check_exercise(exercise, err);
    if (code == 0)
        code = add_folder(validation, exercise, JOB_SOLUTION, "solutions", err);
    if (code == 0)
        code = add_job(validation, exercise, JOB_STARTER, "starter",
                       xasprintf("%s/starter", exercise->dir), err);
    if (code == 0)
        code = add_folder(validation, exercise, JOB_MUTANT, "mutants", err);
    exercise_free(exercise);
    return code;
}

static int collect_round(struct validation *validation, struct err *err) {
    const char *const *ids = validation->options->exercises;
    if (ids && *ids) {
        int code = 0;
        for (; *ids && code == 0; ids++)
            code = add_exercise(validation, *ids, err);
        return code;
    }
    char **all = exercise_list(err);
    int code = all ? 0 : -ENOENT;
    for (size_t i = 0; code == 0 && all[i]; i++)
        code = add_exercise(validation, all[i], err);
    exercise_list_free(all);
    return code;
}

static int collect(struct validation *validation, struct err *err) {
    int code = 0;
    do
        code = collect_round(validation, err);
    while (code == 0 && ++validation->round < validation->options->repeat);
    return code;
}

/* --- judging a run -------------------------------------------------------------------------- */

static const char *status_of(const json_t *result, const char *id) {
    size_t index;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), index, check)
        if (strcmp(event_text(check, "id", ""), id) == 0)
            return event_text(check, "status", "");
    return "missing";
}

static bool claims(const json_t *claim, const char *id) {
    size_t index;
    json_t *also;
    if (strcmp(event_text(claim, "caught_by", ""), id) == 0)
        return true;
    json_array_foreach(json_object_get(claim, "also"), index, also)
        if (json_is_string(also) && strcmp(json_string_value(also), id) == 0)
            return true;
    return false;
}

/* What speaks against the claim; empty if nothing does. */
static void mutant_faults(const struct job *job, const json_t *result, struct buf *faults) {
    const char *by = event_text(job->claim, "caught_by", "");
    if (strcmp(status_of(result, by), "failed") != 0)
        buf_printf(faults, "check %s must fail, but is %s. ", by, status_of(result, by));
    size_t index;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), index, check) {
        const char *id = event_text(check, "id", "");
        if (strcmp(event_text(check, "status", ""), "failed") == 0 && !claims(job->claim, id))
            buf_printf(faults, "check %s failed too: %s ", id, event_text(check, "message", ""));
    }
}

static void solution_faults(const json_t *result, struct buf *faults) {
    if (strcmp(event_text(result, "verdict", ""), "passed") == 0)
        return;
    buf_printf(faults, "must pass, but %s: ", event_text(result, "outcome", ""));
    size_t index;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), index, check)
        if (strcmp(event_text(check, "status", ""), "passed") != 0)
            buf_printf(faults, "%s %s: %s ", event_text(check, "id", ""),
                       event_text(check, "status", ""), event_text(check, "message", ""));
}

static void starter_faults(const json_t *result, struct buf *faults) {
    if (strcmp(event_text(result, "verdict", ""), "failed") != 0)
        buf_printf(faults, "must compile and fail, but %s. ", event_text(result, "verdict", ""));
    if (strcmp(status_of(result, "build"), "passed") != 0)
        buf_puts(faults, "does not compile. ");
}

static void find_faults(const struct job *job, const json_t *result, struct buf *faults) {
    size_t index;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), index, check)
        if (strcmp(event_text(check, "status", ""), "error") == 0)
            buf_printf(faults, "check %s is broken: %s ", event_text(check, "id", ""),
                       event_text(check, "message", ""));
    if (job->kind == JOB_SOLUTION)
        solution_faults(result, faults);
    else if (job->kind == JOB_STARTER)
        starter_faults(result, faults);
    else
        mutant_faults(job, result, faults);
}

static void tell(const struct job *job, const char *word, const char *text) {
    printf("%s %s %s %s (%.1f s)%s%s\n", word, job->exercise, kind_names[job->kind], job->name,
           job->began_ns ? (double)(clock_now_ns() - job->began_ns) / 1e9 : 0.0, *text ? ": " : "",
           text);
    fflush(stdout);
}

static void judge(struct validation *validation, struct job *job) {
    json_t *result = json_loadb(job->output.data ? job->output.data : "", job->output.length, 0, NULL);
    struct buf faults = {0};
    if (!result || strcmp(event_text(result, "verdict", "error"), "error") == 0)
        buf_printf(&faults, "could not be graded: %s", event_text(result, "error", "no result"));
    else
        find_faults(job, result, &faults);
    validation->failed += faults.length != 0;
    validation->passed += faults.length == 0;
    tell(job, faults.length ? "FAIL" : "ok  ", faults.data ? faults.data : "");
    buf_release(&faults);
    json_decref(result);
}

/* --- running -------------------------------------------------------------------------------- */

static void start_more(struct validation *validation);

static void on_end(void *ctx, pid_t pid, int wait_status) {
    struct validation *validation = ctx;
    (void)wait_status;
    for (size_t i = 0; i < validation->count; i++) {
        struct job *job = validation->jobs[i];
        if (job->pid != pid)
            continue;
        job->pid = 0;
        loop_unwatch(validation->loop, job->result_fd);
        fd_read_all(job->result_fd, &job->output, RESULT_MOST);
        fd_close(&job->result_fd);
        if (!validation->stopped)
            judge(validation, job);
    }
    validation->running--;
    start_more(validation);
}

static void on_output(void *ctx, int fd, uint32_t events) {
    struct validation *validation = ctx;
    (void)events;
    for (size_t i = 0; i < validation->count; i++) {
        struct job *job = validation->jobs[i];
        if (job->result_fd != fd)
            continue;
        ssize_t got = buf_read(&job->output, fd, 65536);
        if (got == 0 || (got < 0 && got != -EAGAIN && got != -EINTR))
            loop_unwatch(validation->loop, fd);
    }
}

static int start_job(struct validation *validation, struct job *job, struct err *err) {
    int ends[2];
    int code = fd_pipe(ends, err);
    if (code)
        return code;
    char *log = validation->options->logs
                    ? xasprintf("%s/%s-%s-%s-%d.ndjson", validation->options->logs, job->exercise,
                                kind_names[job->kind], job->name, job->round + 1)
                    : NULL;
    const char *clock = validation->options->real_clock ? "--clock=real" : "--clock=virtual";
    const char *argv[] = {"/proc/self/exe", "run",  job->asked_as, job->dir, clock,
                          "--format",       "json", log ? "--keep-log" : NULL, log, NULL};
    struct child_fd fds[] = {{-1, 0}, {ends[1], 1}, {STDERR_FILENO, 2}};
    struct child_spec spec = {.argv = argv, .fds = fds, .fd_count = 3, .die_with_parent = true,
                              .new_group = true};
    job->began_ns = clock_now_ns();
    job->pid = child_start(&spec, err);
    fd_close(&ends[1]);
    free(log);
    if (job->pid < 0) {
        fd_close(&ends[0]);
        return job->pid;
    }
    job->result_fd = ends[0];
    fd_set_nonblocking(ends[0], true);
    loop_watch(validation->loop, ends[0], EPOLLIN, on_output, validation);
    loop_on_child(validation->loop, job->pid, on_end, validation);
    validation->running++;
    return 0;
}

static void start_more(struct validation *validation) {
    struct err err = {0};
    while (!validation->stopped && validation->running < validation->most &&
           validation->next < validation->count) {
        struct job *job = validation->jobs[validation->next++];
        if (job->missing) {
            tell(job, "skip", "this machine lacks its language");
            validation->skipped++;
        } else if (start_job(validation, job, &err) < 0) {
            tell(job, "FAIL", err.text);
            validation->failed++;
        }
    }
    if (!validation->running)
        loop_stop(validation->loop);
}

static void on_signal(void *ctx, int number) {
    struct validation *validation = ctx;
    validation->stopped = true;
    for (size_t i = 0; i < validation->count; i++)
        if (validation->jobs[i]->pid > 0)
            kill(validation->jobs[i]->pid, number);
}

static void release(struct validation *validation) {
    for (size_t i = 0; i < validation->count; i++) {
        struct job *job = validation->jobs[i];
        json_decref(job->claim);
        buf_release(&job->output);
        free(job->missing);
        free(job->exercise);
        free(job->asked_as);
        free(job->name);
        free(job->dir);
        free(job);
    }
    free(validation->jobs);
    loop_free(validation->loop);
}

static int make_logs_folder(const char *path, struct err *err) {
    struct stat info;
    if (!path || mkdir(path, 0777) == 0)
        return 0;
    if (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return 0;
    return err_sys(err, errno, "cannot make the folder %s for the logs", path);
}

enum exit_code validate(const struct validate_options *options, struct err *err) {
    int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
    struct validation validation = {.options = options,
                                    .most = options->jobs ? options->jobs : cpus * JOBS_A_CPU};
    enum exit_code code = EXIT_USAGE;
    int64_t began_ns = clock_now_ns();
    if (collect(&validation, err) == 0 && make_logs_folder(options->logs, err) == 0 &&
        (validation.loop = loop_new(err))) {
        loop_on_signal(validation.loop, on_signal, &validation);
        start_more(&validation);
        if (validation.running)
            loop_run(validation.loop);
        printf("%d as claimed, %d not, %d skipped (%.1f s)\n", validation.passed, validation.failed,
               validation.skipped, (double)(clock_now_ns() - began_ns) / 1e9);
        code = validation.failed || validation.stopped ? EXIT_NOT_PASSED : EXIT_PASSED;
    }
    release(&validation);
    return code;
}
