#include "exercise/manifest.h"

#include <string.h>

enum { ID_MOST = 40 };

bool is_exercise_id(const char *text) {
    size_t length = strlen(text);
    return length > 0 && length <= ID_MOST && strchr("abcdefghijklmnopqrstuvwxyz", text[0]) &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* --- rules for texts -------------------------------------------------------------------------- */

static const char *id_rule(const char *text) {
    return is_exercise_id(text) ? NULL
                                : "made of small letters, digits and -, a letter first, at most 40";
}

static bool is_file_name(const char *text, const char *also) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
    if (text[0] == '.' || text[0] == '-')
        return false;
    for (; *text; text++)
        if (!strchr(allowed, *text) && !strchr(also, *text))
            return false;
    return true;
}

static const char *file_rule(const char *text) {
    return is_file_name(text, "")
               ? NULL
               : "a file name: letters, digits and . _ + -, without a folder, no . or - first";
}

static const char *pattern_rule(const char *text) {
    return is_file_name(text, "*?[]")
               ? NULL
               : "a file name or a pattern such as *.c, without a folder, no . or - first";
}

/* --- tables ----------------------------------------------------------------------------------- */

#define AMOUNT(name_, type_, member_, from_, to_, unit_, example_)                                 \
    {                                                                                              \
        .name = name_, .kind = FIELD_AMOUNT, .offset = offsetof(type_, member_), .least = from_,   \
        .most = to_, .unit = unit_, .example = example_                                            \
    }
#define TEXT(name_, type_, member_, required_, rule_, example_)                                    \
    {                                                                                              \
        .name = name_, .kind = FIELD_TEXT, .offset = offsetof(type_, member_),                     \
        .required = required_, .rule = rule_, .example = example_                                  \
    }
#define TEXTS(name_, type_, member_, required_, rule_, example_)                                   \
    {                                                                                              \
        .name = name_, .kind = FIELD_TEXTS, .offset = offsetof(type_, member_),                    \
        .required = required_, .rule = rule_, .example = example_                                  \
    }
#define OBJECT(name_, type_, member_, required_, form_, example_)                                  \
    {                                                                                              \
        .name = name_, .kind = FIELD_OBJECT, .offset = offsetof(type_, member_),                   \
        .required = required_, .form = form_, .example = example_                                  \
    }
#define LIST(name_, type_, member_, count_, required_, form_, example_)                            \
    {                                                                                              \
        .name = name_, .kind = FIELD_LIST, .offset = offsetof(type_, member_),                     \
        .count_offset = offsetof(type_, count_), .required = required_, .form = form_,             \
        .example = example_                                                                        \
    }
#define COMMENT                                                                                    \
    { .name = "comment", .kind = FIELD_IGNORED }

static const struct field limit_fields[] = {
    AMOUNT("wall_s", struct limits, wall_ms, 1, 3600, 1000, "60"),
    AMOUNT("cpu_s", struct limits, cpu_ms, 1, 3600, 1000, "30"),
    AMOUNT("memory_mb", struct limits, memory_bytes, 1, 65536, 1 << 20, "512"),
    AMOUNT("output_kb", struct limits, output_bytes, 1, 1 << 20, 1 << 10, "1024"),
    AMOUNT("files_mb", struct limits, file_bytes, 1, 65536, 1 << 20, "64"),
    AMOUNT("files", struct limits, files, 1, 1000000, 1, "4096"),
    AMOUNT("processes", struct limits, processes, 1, 32768, 1, "256"),
    AMOUNT("descriptors", struct limits, descriptors, 16, 65536, 1, "1024"),
    COMMENT,
    {0},
};
static const struct form limits_form = {.fields = limit_fields, .size = sizeof(struct limits)};

struct two_limits {
    struct limits build, run;
};

static const struct field two_limits_fields[] = {
    OBJECT("build", struct two_limits, build, true, &limits_form, "{\"wall_s\": 20}"),
    OBJECT("run", struct two_limits, run, true, &limits_form, "{\"wall_s\": 60}"),
    COMMENT,
    {0},
};
static const struct form two_limits_form = {.fields = two_limits_fields,
                                            .size = sizeof(struct two_limits)};

static const struct field language_fields[] = {
    TEXT("id", struct language, id, true, id_rule, "\"c\""),
    TEXT("title", struct language, title, true, NULL, "\"C\""),
    TEXTS("files", struct language, files, true, file_rule, "[\"app.c\"]"),
    TEXTS("sources", struct language, sources, true, pattern_rule, "[\"*.c\", \"*.h\"]"),
    TEXTS("needs", struct language, needs, false, file_rule, "[\"gcc\"]"),
    TEXTS("build", struct language, build, false, NULL, "[\"gcc\", \"-o\", \"app\", \"*.c\"]"),
    TEXTS("artifacts", struct language, artifacts, false, file_rule, "[\"app\"]"),
    TEXTS("run", struct language, run, true, NULL, "[\"./app\"]"),
    COMMENT,
    {0},
};
static const struct form language_form = {.fields = language_fields,
                                          .size = sizeof(struct language)};

static const struct field case_fields[] = {
    TEXT("id", struct exercise_case, id, true, id_rule, "\"exit-two\""),
    TEXT("title", struct exercise_case, title, false, NULL, "\"a command that exits with 2\""),
    TEXTS("args", struct exercise_case, args, false, NULL, "[\"sh\", \"-c\", \"exit 2\"]"),
    COMMENT,
    {0},
};
static const struct form case_form = {.fields = case_fields, .size = sizeof(struct exercise_case)};

/* What else a step may have depends on its `do`, and is the driver's knowledge. */
static const struct field step_fields[] = {
    TEXT("id", struct step, id, true, id_rule, "\"first-load\""),
    TEXT("title", struct step, title, false, NULL, "\"a load of 64 requests\""),
    TEXT("do", struct step, what, true, NULL, "\"load\""),
    COMMENT,
    {0},
};
static const struct form step_form = {.fields = step_fields,
                                      .size = sizeof(struct step),
                                      .open = true,
                                      .keeps_whole = true,
                                      .whole_offset = offsetof(struct step, options)};

static const struct field check_fields[] = {
    TEXT("id", struct check, id, true, id_rule, "\"workers\""),
    TEXT("title", struct check, title, true, NULL, "\"one worker per CPU\""),
    {.name = "points",
     .kind = FIELD_NUMBER,
     .required = true,
     .example = "10",
     .offset = offsetof(struct check, points),
     .most = POINTS_TOTAL},
    TEXTS("needs", struct check, needs, false, id_rule, "[\"workers\"]"),
    TEXT("after", struct check, after, false, id_rule, "\"first-load\""),
    TEXT("expect", struct check, expect, true, NULL, "\"workers | length == cpus\""),
    TEXT("say", struct check, say, false, NULL, "\"there are \\\\(workers | length)\""),
    TEXT("hint", struct check, hint, false, NULL, "\"man 3 sysconf\""),
    COMMENT,
    {0},
};
static const struct form check_form = {.fields = check_fields, .size = sizeof(struct check)};

struct manifest { /* as the file has it */
    const char *schema;
    struct exercise exercise;
    struct two_limits limits;
};

static const struct field manifest_fields[] = {
    {.name = "$schema", .kind = FIELD_IGNORED},
    TEXT("id", struct manifest, exercise.id, true, id_rule, "\"stats\""),
    TEXT("title", struct manifest, exercise.title, true, NULL, "\"Stats\""),
    TEXT("chapter", struct manifest, exercise.chapter, true, id_rule, "\"try-it-yourself\""),
    {.name = "cpus",
     .kind = FIELD_INT,
     .required = true,
     .example = "4",
     .least = 1,
     .most = 64,
     .offset = offsetof(struct manifest, exercise.cpus)},
    {.name = "port",
     .kind = FIELD_INT,
     .example = "8000",
     .least = 1,
     .most = 65535,
     .offset = offsetof(struct manifest, exercise.port)},
    LIST("languages", struct manifest, exercise.languages, exercise.language_count, true,
         &language_form, "[{\"id\": \"c\", ...}]"),
    OBJECT("limits", struct manifest, limits, true, &two_limits_form,
           "{\"build\": {\"wall_s\": 20}, \"run\": {\"wall_s\": 60}}"),
    LIST("cases", struct manifest, exercise.cases, exercise.case_count, false, &case_form,
         "[{\"id\": \"exit-two\", \"args\": [\"sh\", \"-c\", \"exit 2\"]}]"),
    LIST("scenario", struct manifest, exercise.steps, exercise.step_count, true, &step_form,
         "[{\"id\": \"up\", \"do\": \"wait\", \"for\": \"listen\", \"within_ms\": 5000}]"),
    LIST("checks", struct manifest, exercise.checks, exercise.check_count, true, &check_form,
         "[{\"id\": \"workers\", ...}]"),
    COMMENT,
    {0},
};
static const struct form manifest_form = {.fields = manifest_fields,
                                          .size = sizeof(struct manifest)};

/* --- reading ---------------------------------------------------------------------------------- */

static const char *const *no_texts(struct reading *reading) {
    return reading_alloc(reading, 1, sizeof(char *));
}

/* The list that the getters show: `build`, then the author's. */
static void put_build_first(struct reading *reading, struct exercise *exercise) {
    struct check *checks = reading_alloc(reading, exercise->check_count + 1, sizeof *checks);
    checks[0] = (struct check){.id = BUILD_CHECK, .title = "the program compiles"};
    for (size_t i = 0; i < exercise->check_count; i++)
        checks[i + 1] = exercise->checks[i];
    exercise->checks = checks;
    exercise->check_count++;
    for (size_t i = 0; i < exercise->check_count; i++) {
        if (!checks[i].needs)
            checks[i].needs = no_texts(reading);
        exercise->points += checks[i].points;
    }
}

void manifest_read(struct reading *reading, const json_t *root, struct exercise *exercise) {
    struct manifest manifest = {0};
    struct place place = {0};
    if (!json_is_object(root)) {
        reading_fault(reading, &place, "must be an object: { \"id\": ..., \"title\": ..., ... }");
        return;
    }
    form_read(reading, &manifest_form, root, &place, &manifest);
    *exercise = manifest.exercise;
    exercise->build_limits = manifest.limits.build;
    exercise->run_limits = manifest.limits.run;
    put_build_first(reading, exercise);
    struct exercise_case *cases = (struct exercise_case *)exercise->cases;
    for (size_t i = 0; i < exercise->case_count; i++)
        if (!cases[i].args)
            cases[i].args = no_texts(reading);
    struct language *languages = (struct language *)exercise->languages;
    for (size_t i = 0; i < exercise->language_count; i++)
        if (!languages[i].needs)
            languages[i].needs = no_texts(reading);
}
