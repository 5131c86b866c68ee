/* An exercise: its manifest as an immutable value.
 *
 *     struct exercise *exercise = exercise_load("stats", &err);   // name, or a path to a folder
 *     const struct language *language = exercise_language(exercise, dir_fd, &err);
 *     exercise_free(exercise);
 *
 * A manifest is `exercise.json` (see exercise.schema.json beside this file). Every mistake in it is
 * told with file, place (a JSON pointer, line where known) and remedy. Everything that the getters
 * give is borrowed from the exercise.
 */
#ifndef BRIGADE_EXERCISE_EXERCISE_H
#define BRIGADE_EXERCISE_EXERCISE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct limits {           /* 0: no such limit */
    int64_t wall_ms;      /* real time for the whole run */
    int64_t cpu_ms;       /* for one process */
    int64_t memory_bytes; /* all processes together */
    int64_t output_bytes; /* stdout and stderr together */
    int64_t file_bytes;   /* the working directory */
    int64_t files;        /* inodes in the working directory */
    int64_t processes;    /* alive at once, threads counted */
    int64_t descriptors;  /* of one process */
};

struct language {
    const char *id;             /* "c" */
    const char *title;          /* "C" */
    const char *const *files;   /* a folder that holds one of these is of this language */
    const char *const *sources; /* fnmatch patterns of what is taken from the folder */
    const char *const *needs;   /* commands the machine must have ("gcc", "node") */
    const char *const
        *build; /* NULL: nothing to build; a word "*.c" stands for the matching files */
    const char *const *artifacts; /* what the build leaves for the run; NULL: the sources */
    const char *const *run;       /* argv */
};

struct exercise_case { /* one run of the program, with these arguments */
    const char *id;
    const char *title;
    const char *const *args; /* added to the language's `run`; may be none */
};

struct step { /* one step of the scenario; the members' meaning is drive's (drive/steps.h) */
    const char *id;
    const char *title;
    const char *what;      /* "wait", "load", "kill", ... */
    const json_t *options; /* the whole step object */
};

struct check {
    const char *id;
    const char *title;
    double points;
    const char *const *needs; /* ids of checks that must have passed, else this one is skipped */
    const char *after;        /* id of the step after which it may be judged; NULL: at the end */
    const char *expect;       /* jq */
    const char *say;          /* jq string template for false, or NULL */
    const char *hint;         /* may be NULL */
};

struct exercise {
    const char *id, *title, *chapter;
    const char *dir;   /* absolute path of its folder */
    int cpus;          /* that the box shows */
    int port;          /* that the program serves on, 0: none */
    const char *manifest; /* the text of exercise.json, for exercise_place; NULL: there is none */
    const char *words; /* content of checks.jq, "" if there is none */
    struct limits build_limits, run_limits;
    const struct language *languages;
    size_t language_count;
    const struct exercise_case
        *cases; /* the runs, one after another; none: a single one, without arguments */
    size_t case_count;
    const struct step *steps;
    size_t step_count;
    const struct check *checks;
    size_t check_count;
    double points; /* all checks together */
};

/* `name` is an id under one of the exercise folders, or a path (with a '/', or . or ..) to an exercise folder.
 * Folders: $BRIGADE_EXERCISES, ../exercises beside our own program, the installed ones.
 * NULL with err told: -ENOENT lists the ids there are; -EINVAL names the place in the manifest. */
struct exercise *exercise_load(const char *name, struct err *err);
void exercise_free(struct exercise *exercise); /* NULL allowed */

/* Where in the manifest a JSON pointer points: "FOLDER/exercise.json:12: /checks/1", for what is found wrong later than
 * at loading. The caller frees it. */
char *exercise_place(const struct exercise *exercise, const char *pointer);

/* An exercise of one file that asks for nothing: no steps, no checks, the file's own folder. The language is told by
 * the name's ending (.c, .js, .py); C is compiled with the headers beside it. `args` (ended by NULL) go to the
 * program. NULL with err told: no file there, or of no language that we know. */
struct exercise *exercise_of_file(const char *path, const char *const *args, struct err *err);

/* The language of a submission in folder `dir_path`, by the files in it; NULL with -ENOENT if none fits
 * (err lists what is expected). */
const struct language *exercise_language(const struct exercise *exercise, const char *dir_path,
                                         struct err *err);

/* The ids of all exercises found; ended by NULL; the caller frees with exercise_list_free. */
char **exercise_list(struct err *err);
void exercise_list_free(char **ids);

#endif
