/* One file as an exercise that asks for nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "exercise/loaded.h"

enum { WORDS_MOST = 256, CPUS_MOST = 64 };

/* "FILE" stands for the file's name, as a word of its own. */
static const char file_word[] = "FILE";
static const struct {
    const char *ending, *id, *title;
    const char *needs, *artifact, *header; /* NULL: none */
    const char *build[16], *run[4];
} known[] = {
    {".c",
     "c",
     "C",
     "gcc",
     "app",
     "*.h",
     {"gcc", "-std=gnu17", "-O2", "-g", "-Wall", "-Wextra", "-fdiagnostics-color=never",
      "-fno-diagnostics-show-caret", "-o", "app", file_word, "-ljansson", "-lpthread"},
     {"./app"}},
    {".js", "node", "Node", "node", NULL, NULL, {NULL}, {"node", file_word}},
    {".mjs", "node", "Node", "node", NULL, NULL, {NULL}, {"node", file_word}},
    {".py", "python", "Python", "python3", NULL, NULL, {NULL}, {"python3", file_word}},
};
enum { KNOWN = sizeof known / sizeof known[0] };

static const struct limits build_limits = {
    .wall_ms = 20000,
    .memory_bytes = 1024LL << 20,
    .output_bytes = 256 << 10,
    .file_bytes = 64 << 20,
    .files = 1024,
    .processes = 64,
    .descriptors = 256,
};
static const struct limits run_limits = {
    /* no limit of time: whoever watches stops it */
    .memory_bytes = 512LL << 20,
    .output_bytes = 4 << 20,
    .file_bytes = 64 << 20,
    .files = 4096,
    .processes = 256,
    .descriptors = 1024,
};

static int find_language(const char *name) {
    const char *ending = strrchr(name, '.');
    for (int i = 0; ending && i < KNOWN; i++)
        if (strcmp(ending, known[i].ending) == 0)
            return i;
    return -1;
}

/* A text of the exercise's own. */
static const char *own(struct loaded *loaded, const char *text) {
    char *copy = reading_alloc(&loaded->reading, strlen(text) + 1, 1);
    return memcpy(copy, text, strlen(text));
}

/* The name as a pattern that fits nothing else (fnmatch(3)). */
static const char *pattern_of(struct loaded *loaded, const char *name) {
    char *pattern = reading_alloc(&loaded->reading, 2 * strlen(name) + 1, 1), *at = pattern;
    for (; *name; *at++ = *name++)
        if (strchr("*?[\\", *name))
            *at++ = '\\';
    return pattern;
}

/* `given` (ended by NULL), with `file` where it belongs, then `more` (may be NULL). */
static const char *const *list(struct loaded *loaded, const char *const *given, const char *file,
                               const char *const *more) {
    const char **all = reading_alloc(&loaded->reading, WORDS_MOST + 1, sizeof *all), **at = all;
    for (; *given; given++)
        *at++ = *given == file_word ? file : *given;
    for (; more && *more && at < all + WORDS_MOST; more++)
        *at++ = own(loaded, *more);
    return all;
}

static void set_language(struct loaded *loaded, int which, const char *const *args) {
    struct language *language = reading_alloc(&loaded->reading, 1, sizeof *language);
    const char *name = loaded->exercise.title;
    /* build words are patterns where they can be, see build/ */
    const char *pattern = strpbrk(name, "*?[") ? pattern_of(loaded, name) : name;
#define LIST(...) list(loaded, (const char *const[]){__VA_ARGS__, NULL}, NULL, NULL)
    *language = (struct language){
        .id = known[which].id,
        .title = known[which].title,
        .files = LIST(name),
        .sources = LIST(pattern, known[which].header),
        .needs = LIST(known[which].needs),
        .build = known[which].build[0] ? list(loaded, known[which].build, pattern, NULL) : NULL,
        .artifacts = known[which].artifact ? LIST(known[which].artifact) : NULL,
        .run = list(loaded, known[which].run, name, args),
    };
#undef LIST
    loaded->exercise.languages = language;
    loaded->exercise.language_count = 1;
}

/* Nobody grades it, so it may see what there is. */
static int machine_cpus(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > CPUS_MOST ? CPUS_MOST : (int)count;
}

/* An absolute path of the folder that a file is in, owned by the caller. */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
    char *real = realpath(folder, NULL);
    free(folder);
    return real;
}

struct exercise *exercise_of_file(const char *path, const char *const *args, struct err *err) {
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    int which = find_language(name);
    if (access(path, R_OK) < 0) {
        err_sys(err, errno, "cannot read %s", path);
        return NULL;
    }
    if (which < 0) {
        err_set(err, EINVAL, "%s: what can be watched ends in .c, .js, .mjs or .py", path);
        return NULL;
    }
    struct loaded *loaded = xcalloc(1, sizeof *loaded);
    struct exercise *exercise = &loaded->exercise;
    exercise->dir = loaded->dir = folder_of(path);
    exercise->id = "watch";
    exercise->title = own(loaded, name);
    exercise->chapter = exercise->words = "";
    exercise->cpus = machine_cpus();
    exercise->port = 8000;
    exercise->build_limits = build_limits;
    exercise->run_limits = run_limits;
    set_language(loaded, which, args);
    return exercise;
}
