#include "build/build.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "build/diagnostics.h"
#include "build/sources.h"
#include "proto/event.h"

enum { DIAGNOSTICS_MOST = 200, OUTPUT_MOST = 16 << 10, WHY_SIZE = 256 };

static void free_files(struct build_file *files, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(files[i].name);
        fd_close(&files[i].fd);
    }
    free(files);
}

void build_release(struct build *build) {
    free_files(build->files, build->file_count);
    *build = (struct build){0};
}

static void emit_built(const struct build *build, const struct build_outcome *outcome,
                       const char *why, build_emit_fn *emit, void *ctx) {
    json_t *event = event_new(EVENT_BUILT, "{s:b, s:I}", "ok", (int)build->ok, "ms",
                              (json_int_t)build->wall_ms);
    if (outcome && outcome->output_length)
        event_set_bytes(event, "output", outcome->output_text, outcome->output_length, OUTPUT_MOST);
    if (why && *why)
        event_set_bytes(event, "why", why, strlen(why), WHY_SIZE);
    emit(ctx, event);
}

/* The build command with words such as *.c replaced by the files that fit; free with free. */
static const char **expand(const char *const *words, const struct build_file *files, size_t count) {
    size_t length = 0, at = 0;
    while (words[length])
        length++;
    const char **argv = xcalloc(length * (count + 1) + 1, sizeof *argv);
    for (; *words; words++) {
        if (!strpbrk(*words, "*?[")) {
            argv[at++] = *words;
            continue;
        }
        for (size_t i = 0; i < count; i++)
            if (fnmatch(*words, files[i].name, FNM_PERIOD) == 0)
                argv[at++] = files[i].name;
    }
    return argv;
}

/* What compilers say where a limit of the box stopped them: their code alone would puzzle. */
static const struct {
    const char *words;
    bool memory; /* else files */
} refusals[] = {
    {"out of memory allocating", true}, {"virtual memory exhausted", true},
    {"Cannot allocate memory", true},   {"File size limit exceeded", false},
    {"No space left on device", false},
};

static bool says_refused(const struct build_outcome *outcome, bool memory) {
    const char *text = outcome->output_text ? outcome->output_text : "";
    for (size_t i = 0; outcome->wait_status && i < sizeof refusals / sizeof refusals[0]; i++)
        if (refusals[i].memory == memory &&
            memmem(text, outcome->output_length, refusals[i].words, strlen(refusals[i].words)))
            return true;
    return false;
}

/* Why the command did not do its work; empty when it did. */
static void find_why(const struct build_outcome *outcome, const struct limits *limits,
                     const char *command, char *why) {
    int status = outcome->wait_status;
    why[0] = '\0';
    if (outcome->timed_out)
        snprintf(why, WHY_SIZE, "%s took longer than %lld s", command,
                 (long long)limits->wall_ms / 1000);
    else if (outcome->output)
        snprintf(why, WHY_SIZE, "%s said more than %lld KB", command,
                 (long long)limits->output_bytes >> 10);
    else if (outcome->memory || says_refused(outcome, true))
        snprintf(why, WHY_SIZE, "%s needs more than %lld MB of memory", command,
                 (long long)limits->memory_bytes >> 20);
    else if (says_refused(outcome, false))
        snprintf(why, WHY_SIZE, "%s writes more than %lld MB", command,
                 (long long)limits->file_bytes >> 20);
    else if (WIFSIGNALED(status))
        snprintf(why, WHY_SIZE, "%s was killed by signal %d (%s)", command, WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        snprintf(why, WHY_SIZE, "%s ended with code %d", command, WEXITSTATUS(status));
}

/* The artifacts replace the sources. The first that is missing is put into `why`. */
static void keep_artifacts(struct build *build, const struct language *language,
                           struct build_outcome *outcome, char *why) {
    size_t count = 0;
    while (language->artifacts[count])
        count++;
    struct build_file *files = xcalloc(count, sizeof *files);
    for (size_t i = 0; i < count; i++) {
        files[i] =
            (struct build_file){xstrdup(language->artifacts[i]), outcome->taken_fds[i], true};
        outcome->taken_fds[i] = -1;
        if (files[i].fd < 0)
            snprintf(why, WHY_SIZE, "%s left no file `%s`", language->build[0], files[i].name);
    }
    free_files(build->files, build->file_count);
    build->files = files;
    build->file_count = count;
}

static void release_outcome(struct build_outcome *outcome, const char *const *wanted) {
    for (size_t i = 0; outcome->taken_fds && wanted && wanted[i]; i++)
        fd_close(&outcome->taken_fds[i]);
    free(outcome->taken_fds);
    free(outcome->output_text);
}

static int compile(struct build *build, const struct exercise *exercise,
                   const struct language *language, build_runner_fn *runner, build_emit_fn *emit,
                   void *ctx, struct err *err) {
    const char **argv = expand(language->build, build->files, build->file_count);
    struct build_command command = {.argv = argv,
                                    .files = build->files,
                                    .file_count = build->file_count,
                                    .wanted = language->artifacts,
                                    .limits = &exercise->build_limits};
    struct build_outcome outcome = {0};
    char why[WHY_SIZE] = "";
    int code = runner(ctx, &command, &outcome, err);
    if (code == 0) {
        build->wall_ms = outcome.wall_ms;
        diagnostics_parse(outcome.output_text ? outcome.output_text : "", outcome.output_length,
                          DIAGNOSTICS_MOST, emit, ctx);
        find_why(&outcome, command.limits, argv[0], why);
        if (!why[0] && language->artifacts)
            keep_artifacts(build, language, &outcome, why);
        build->ok = !why[0];
        emit_built(build, &outcome, why, emit, ctx);
    }
    release_outcome(&outcome, language->artifacts);
    free(argv);
    return code;
}

/* --- with sanitizers -------------------------------------------------------------------------- */

#define SANITIZER_FILE "brigade-sanitizer-options.c"

/* Compiled in, since the program's environment is the learner's business. Leaks cannot be looked for under ptrace(2). */
static const char sanitizer_source[] =
    "const char *__asan_default_options(void);\n"
    "const char *__asan_default_options(void) {\n"
    "    return \"detect_leaks=0:handle_abort=1:handle_sigfpe=1:handle_sigill=1:color=never\";\n"
    "}\n"
    "const char *__ubsan_default_options(void);\n"
    "const char *__ubsan_default_options(void) { return \"print_stacktrace=1:color=never\"; }\n";

static const char *const sanitizer_words[] = {"-fsanitize=address,undefined",
                                              "-fno-omit-frame-pointer", "-g", SANITIZER_FILE};

enum { SANITIZER_WORDS = sizeof sanitizer_words / sizeof sanitizer_words[0] };

bool build_can_sanitize(const struct language *language) {
    static const char *const compilers[] = {"gcc", "cc", "clang"};
    for (size_t i = 0; language->build && i < sizeof compilers / sizeof compilers[0]; i++)
        if (strcmp(language->build[0], compilers[i]) == 0)
            return true;
    return false;
}

/* The build command, with the words for the sanitizers after the compiler's name; free with free. */
static const char **sanitized(const struct language *language, const struct build *build) {
    const char **plain = expand(language->build, build->files, build->file_count);
    size_t count = 0;
    while (plain[count])
        count++;
    const char **argv = xcalloc(count + SANITIZER_WORDS + 1, sizeof *argv);
    argv[0] = plain[0];
    memcpy(argv + 1, sanitizer_words, sizeof sanitizer_words);
    memcpy(argv + 1 + SANITIZER_WORDS, plain + 1, (count - 1) * sizeof *argv);
    free(plain);
    return argv;
}

static int compile_sanitized(struct build *build, const struct exercise *exercise,
                             const struct language *language, build_runner_fn *runner, void *ctx,
                             struct err *err) {
    int fd = fd_from_bytes(SANITIZER_FILE, sanitizer_source, strlen(sanitizer_source), err);
    if (fd < 0)
        return fd;
    const char **argv = sanitized(language, build);
    build->files[build->file_count++] = (struct build_file){xstrdup(SANITIZER_FILE), fd, false};
    struct build_command command = {.argv = argv,
                                    .files = build->files,
                                    .file_count = build->file_count,
                                    .wanted = language->artifacts,
                                    .limits = &exercise->build_limits};
    struct build_outcome outcome = {0};
    char why[WHY_SIZE] = "";
    int code = runner(ctx, &command, &outcome, err);
    if (code == 0) {
        find_why(&outcome, command.limits, argv[0], why);
        if (!why[0] && language->artifacts)
            keep_artifacts(build, language, &outcome, why);
        build->ok = !why[0];
    }
    release_outcome(&outcome, language->artifacts);
    free(argv);
    return code;
}

int build_sanitized(struct build *build, const struct exercise *exercise,
                    const struct language *language, const char *dir_path,
                    build_runner_fn *runner, void *ctx, struct err *err) {
    struct err refusal = {0};
    *build = (struct build){.files = xcalloc(SOURCES_MOST + 1, sizeof *build->files)};
    int count = sources_take(dir_path, language->sources, build->files, &refusal, err);
    if (count < 0 || refusal.code)
        return count < 0 ? count : 0;
    build->file_count = (size_t)count;
    return compile_sanitized(build, exercise, language, runner, ctx, err);
}

int build_run(struct build *build, const struct exercise *exercise, const struct language *language,
              const char *dir_path, build_runner_fn *runner, build_emit_fn *emit, void *ctx,
              struct err *err) {
    struct err refusal = {0};
    *build = (struct build){.files = xcalloc(SOURCES_MOST, sizeof *build->files)};
    int count = sources_take(dir_path, language->sources, build->files, &refusal, err);
    if (count < 0)
        return count;
    build->file_count = (size_t)count;
    if (!refusal.code && language->build)
        return compile(build, exercise, language, runner, emit, ctx, err);
    build->ok = !refusal.code;
    emit_built(build, NULL, refusal.text, emit, ctx);
    return 0;
}
