/* Compiling a submission, in the box.
 *
 *     struct build build;
 *     build_run(&build, loop, exercise, language, dir, emit, ctx, &err);  // emits diagnostic events, then built
 *     ... build.files: what the run's box needs (sources or artifacts), as descriptors
 *     build_release(&build);
 *
 * Sources are opened without following links (only regular files directly in the folder, matching the
 * language's patterns, sizes limited) and copied: nothing of the learner's folder is visible inside.
 */
#ifndef BRIGADE_BUILD_BUILD_H
#define BRIGADE_BUILD_BUILD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "exercise/exercise.h"

/* build/ may not include sandbox/: the session hands in how to run a command in a box. */
struct build_file {
    char *name;
    int fd; /* owned by the build */
    bool executable;
};

struct build_command { /* borrowed for the call */
    const char *const *argv;
    const struct build_file *files;
    size_t file_count;
    const char *const *wanted; /* names of files to take out afterwards, ended by NULL */
    const struct limits *limits;
};

struct build_outcome {       /* filled by the runner */
    bool started, timed_out; /* not started: err told */
    bool memory, output;     /* limits hit */
    int wait_status;
    char *output_text; /* stdout and stderr together; owned by the build */
    size_t output_length;
    int *
        taken_fds; /* one for each wanted file, -1 where absent; array and fds owned by the build */
    int64_t wall_ms;
};

typedef int build_runner_fn(void *ctx, const struct build_command *command,
                            struct build_outcome *outcome, struct err *err);
typedef void build_emit_fn(void *ctx, json_t *event); /* takes the event */

struct build {
    bool ok; /* false: did not compile; the events say why */
    struct build_file *files;
    size_t file_count;
    int64_t wall_ms;
};

/* 0 (see build->ok), or -errno when the machine or we failed, or -ENOENT when the folder cannot be read. */
int build_run(struct build *build, const struct exercise *exercise, const struct language *language,
              const char *dir_path, build_runner_fn *runner, build_emit_fn *emit, void *ctx,
              struct err *err);

/* Whether submissions in this language can be built with sanitizers: C, by gcc or clang. */
bool build_can_sanitize(const struct language *language);

/* The same sources once more, with the address and undefined behaviour sanitizers (sanitizer.h reads what they say); no
 * event tells of it. 0 (see build->ok) or -errno. */
int build_sanitized(struct build *build, const struct exercise *exercise,
                    const struct language *language, const char *dir_path,
                    build_runner_fn *runner, void *ctx, struct err *err);

void build_release(struct build *build);

#endif
