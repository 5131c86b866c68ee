#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "exercise/manifest.h"

/* --- lists of things with ids ----------------------------------------------------------------- */

typedef const char *id_fn(const struct exercise *exercise, size_t index);

static const char *language_id(const struct exercise *exercise, size_t index) {
    return exercise->languages[index].id;
}
static const char *case_id(const struct exercise *exercise, size_t index) {
    return exercise->cases[index].id;
}
static const char *step_id(const struct exercise *exercise, size_t index) {
    return exercise->steps[index].id;
}
/* As in the manifest, where `build` does not stand. */
static const char *check_id(const struct exercise *exercise, size_t index) {
    return exercise->checks[index + 1].id;
}

static const struct place root_place;

static void check_ids(struct reading *reading, const struct exercise *exercise, const char *list,
                      size_t count, id_fn *id) {
    struct place up = {&root_place, list, 0};
    for (size_t i = 0; i < count; i++) {
        struct place element = {&up, NULL, i}, place = {&element, "id", 0};
        const char *mine = id(exercise, i);
        for (size_t j = 0; mine && j < i; j++)
            if (id(exercise, j) && strcmp(mine, id(exercise, j)) == 0)
                reading_fault(reading, &place,
                              "\"%s\" is taken already, by /%s/%zu; write another id", mine, list,
                              j);
        if (mine && id == check_id && strcmp(mine, BUILD_CHECK) == 0)
            reading_fault(reading, &place,
                          "every exercise has the check \"%s\" anyway; write another id", mine);
    }
}

/* All ids, ended by NULL; the unread ones left out. */
static const char *const *gather_ids(struct reading *reading, const struct exercise *exercise,
                                     size_t count, id_fn *id) {
    const char **ids = reading_alloc(reading, count + 1, sizeof *ids);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (id(exercise, i))
            ids[found++] = id(exercise, i);
    return ids;
}

static void check_reference(struct reading *reading, const struct place *place, const char *what,
                            const char *name, const char *const *names) {
    struct buf words = {0};
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            buf_release(&words);
            return;
        }
        buf_printf(&words, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = nearest_name(name, names);
    if (near)
        reading_fault(reading, place, "there is no %s \"%s\"; did you mean \"%s\"?", what, name,
                      near);
    else
        reading_fault(reading, place, "there is no %s \"%s\"; there are %s", what, name,
                      words.data ? words.data : "none");
    buf_release(&words);
}

/* --- checks among themselves ------------------------------------------------------------------ */

static void check_references(struct reading *reading, const struct exercise *exercise) {
    size_t count = exercise->check_count - 1;
    const char *const *checks = gather_ids(reading, exercise, count, check_id);
    const char *const *steps = gather_ids(reading, exercise, exercise->step_count, step_id);
    struct place list = {&root_place, "checks", 0};
    for (size_t i = 0; i < count; i++) {
        const struct check *check = &exercise->checks[i + 1];
        struct place element = {&list, NULL, i};
        struct place needs = {&element, "needs", 0}, after = {&element, "after", 0};
        for (size_t n = 0; check->needs[n]; n++) {
            struct place need = {&needs, NULL, n};
            if (*check->needs[n] && strcmp(check->needs[n], BUILD_CHECK) != 0)
                check_reference(reading, &need, "check", check->needs[n], checks);
        }
        if (check->after)
            check_reference(reading, &after, "step", check->after, steps);
    }
}

/* Steps that are meant for one case. */
static void check_step_cases(struct reading *reading, const struct exercise *exercise) {
    const char *const *cases = gather_ids(reading, exercise, exercise->case_count, case_id);
    struct place list = {&root_place, "scenario", 0};
    for (size_t i = 0; i < exercise->step_count; i++) {
        struct place element = {&list, NULL, i}, place = {&element, "case", 0};
        const char *id =
            json_string_value(json_object_get(exercise->steps[i].options, "case"));
        if (id)
            check_reference(reading, &place, "case", id, cases);
    }
}

static const struct check *find_check(const struct exercise *exercise, const char *id) {
    for (size_t i = 0; i < exercise->check_count; i++)
        if (exercise->checks[i].id && strcmp(exercise->checks[i].id, id) == 0)
            return &exercise->checks[i];
    return NULL;
}

/* Follows the needs from `check`; true, with the way in words, when they lead back to `goal`. */
static bool leads_back(const struct exercise *exercise, const struct check *check,
                       const struct check *goal, size_t depth, struct buf *way) {
    for (size_t n = 0; depth <= exercise->check_count && check->needs[n]; n++) {
        const struct check *next = find_check(exercise, check->needs[n]);
        size_t length = way->length;
        if (!next)
            continue;
        buf_printf(way, " needs %s", check->needs[n]);
        if (next == goal || leads_back(exercise, next, goal, depth + 1, way))
            return true;
        way->length = length;
    }
    return false;
}

static void check_circles(struct reading *reading, const struct exercise *exercise) {
    struct place list = {&root_place, "checks", 0};
    for (size_t i = 1; i < exercise->check_count; i++) {
        const struct check *check = &exercise->checks[i];
        struct place element = {&list, NULL, i - 1}, needs = {&element, "needs", 0};
        struct buf way = {0};
        bool circle = check->id && leads_back(exercise, check, check, 0, &way);
        if (circle)
            reading_fault(reading, &needs, "goes in a circle: %s%.*s; leave one of them out",
                          check->id, (int)way.length, way.data);
        buf_release(&way);
        if (circle)
            return; /* its other members would tell the same circle */
    }
}

static void check_points(struct reading *reading, const struct exercise *exercise) {
    struct place place = {&root_place, "checks", 0};
    for (size_t i = 1; i < exercise->check_count; i++)
        if (exercise->checks[i].points <= 0)
            return; /* told where it stands */
    if (exercise->check_count > 1 && fabs(exercise->points - POINTS_TOTAL) > 1e-6)
        reading_fault(reading, &place, "the points of all checks must add up to %d (are %g); %s %g",
                      POINTS_TOTAL, exercise->points,
                      exercise->points < POINTS_TOTAL ? "give out another" : "take away",
                      fabs(exercise->points - POINTS_TOTAL));
}

/* --- languages -------------------------------------------------------------------------------- */

static void check_languages(struct reading *reading, const struct exercise *exercise) {
    struct place list = {&root_place, "languages", 0};
    for (size_t i = 0; i < exercise->language_count; i++) {
        const struct language *language = &exercise->languages[i];
        struct place element = {&list, NULL, i};
        if (language->artifacts && !language->build)
            reading_fault(
                reading, &element,
                "has \"artifacts\" but nothing that makes them; write \"build\" or leave them out");
        if (language->build && !language->artifacts)
            reading_fault(reading, &element,
                          "lacks \"artifacts\", the files that \"build\" leaves; write "
                          "\"artifacts\": [\"app\"]");
    }
}

/* --- files ------------------------------------------------------------------------------------ */

static void check_file(struct reading *reading, const char *dir, const char *name, mode_t type,
                       const char *remedy) {
    char *path = xasprintf("%s/%s", dir, name);
    struct stat info;
    if (stat(path, &info) < 0 || (info.st_mode & S_IFMT) != type)
        reading_fault_file(reading, "%s is missing beside it; %s", name, remedy);
    free(path);
}

void relations_check(struct reading *reading, const char *dir, const char *folder,
                     const struct exercise *exercise) {
    struct place id = {&root_place, "id", 0};
    if (exercise->id && strcmp(exercise->id, folder) != 0)
        reading_fault(reading, &id, "must be the folder's name (is \"%s\"); write \"id\": \"%s\"",
                      exercise->id, folder);
    check_ids(reading, exercise, "languages", exercise->language_count, language_id);
    check_ids(reading, exercise, "cases", exercise->case_count, case_id);
    check_ids(reading, exercise, "scenario", exercise->step_count, step_id);
    check_ids(reading, exercise, "checks", exercise->check_count - 1, check_id);
    check_references(reading, exercise);
    check_step_cases(reading, exercise);
    check_circles(reading, exercise);
    check_points(reading, exercise);
    check_languages(reading, exercise);
    check_file(reading, dir, EXERCISE_TASK, S_IFREG, "write there what the student is to do");
    check_file(reading, dir, EXERCISE_STARTER, S_IFDIR,
               "make the folder, with the program that the student starts from");
}
