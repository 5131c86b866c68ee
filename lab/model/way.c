#include "model/way.h"

#include <string.h>

bool way_is_done(const struct course_step *step, const struct progress *progress) {
    switch (step->kind) {
    case STEP_EXERCISE: return progress_exercise_state(progress, step->id).passed;
    case STEP_QUIZ: return progress_quiz_state(progress, step->id).taken;
    default: return progress_lesson_state(progress, step->id) == LESSON_READ;
    }
}

static size_t first_open(const struct course *course, const struct progress *progress,
                         size_t from) {
    while (from < course->step_count && way_is_done(&course->steps[from], progress))
        from++;
    return from;
}

size_t way_next(const struct course *course, const struct progress *progress) {
    const char *last = progress_last_step(progress);
    int found = last ? course_find(course, last) : -1;
    size_t next = first_open(course, progress, found > 0 ? (size_t)found : 0);
    return next < course->step_count ? next : first_open(course, progress, 0);
}

/* From 0 to 1. */
static double share(const struct course_step *step, const struct progress *progress) {
    if (step->kind != STEP_EXERCISE)
        return way_is_done(step, progress);
    struct exercise_state state = progress_exercise_state(progress, step->id);
    if (state.passed)
        return 1;
    return state.max_score > 0 ? state.score / state.max_score * 0.99 : 0;
}

struct way_sum way_sum(const struct course *course, const struct progress *progress) {
    struct way_sum sum = {.count = course->step_count};
    double shares = 0;
    bool known = true;
    for (size_t i = 0; i < course->step_count; i++) {
        const struct course_step *step = &course->steps[i];
        sum.done += way_is_done(step, progress);
        shares += share(step, progress);
        if (step->kind != STEP_EXERCISE)
            continue;
        sum.points += progress_exercise_state(progress, step->id).score;
        sum.max_points += step->points;
        known = known && step->points > 0;
    }
    if (!known)
        sum.max_points = 0;
    if (sum.count)
        sum.percent = sum.done == sum.count ? 100 : (int)(shares * 100 / (double)sum.count);
    return sum;
}

/* "3 minutes ago"; nothing if that is not known. */
static void add_age(struct buf *words, int64_t seconds) {
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {{86400, "a day", "days"}, {3600, "an hour", "hours"}, {60, "a minute", "minutes"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t count = seconds / units[i].seconds;
        if (count == 1)
            buf_printf(words, " %s ago", units[i].one);
        else if (count > 1)
            buf_printf(words, " %lld %s ago", (long long)count, units[i].many);
        if (count > 0)
            return;
    }
    buf_puts(words, " just now");
}

static void add_exercise(struct buf *words, const struct course_step *step,
                         const struct progress *progress, int64_t now_s) {
    struct exercise_state state = progress_exercise_state(progress, step->id);
    buf_puts(words, step->id);
    if (state.failed)
        buf_printf(words, ", check %s failed", state.failed);
    else if (state.tried)
        buf_printf(words, ", %g of %g points", state.score, state.max_score);
    else if (strcmp(step->title, step->id))
        buf_printf(words, ": %s", step->title);
    if (state.failed && state.tried_s > 0 && state.tried_s <= now_s)
        add_age(words, now_s - state.tried_s);
}

void way_words(const struct course *course, const struct progress *progress, int64_t now_s,
               struct buf *words) {
    size_t next = way_next(course, progress);
    if (next >= course->step_count) {
        buf_puts(words, "all is done: every lesson read, every quiz taken, every exercise passed");
        return;
    }
    const struct course_step *step = &course->steps[next];
    enum way_state state = way_state(step, progress, NULL);
    buf_printf(words, "%s: %d ", state == WAY_BEGUN ? "continue" : "next",
               course->chapters[step->chapter].number);
    if (step->kind == STEP_EXERCISE)
        add_exercise(words, step, progress, now_s);
    else
        buf_printf(words, "%s%s", step->kind == STEP_QUIZ ? "quiz: " : "", step->title);
    if (step->kind == STEP_LESSON && state == WAY_BEGUN)
        buf_puts(words, ", where you stopped reading");
}

static void add_score(struct buf *words, const char *what, double score, double most) {
    if (words)
        buf_printf(words, "%-9s%g of %g", what, score, most);
}

enum way_state way_state(const struct course_step *step, const struct progress *progress,
                         struct buf *words) {
    static const char *const lesson_names[] = {"new", "reading", "read"};
    if (step->kind == STEP_LESSON) {
        enum lesson_state state = progress_lesson_state(progress, step->id);
        if (words)
            buf_puts(words, lesson_names[state]);
        return (enum way_state)state;
    }
    if (step->kind == STEP_QUIZ) {
        struct quiz_state state = progress_quiz_state(progress, step->id);
        if (state.taken)
            add_score(words, "taken", (double)state.right, (double)state.count);
        else if (words)
            buf_puts(words, "new");
        return state.taken ? WAY_DONE : WAY_NEW;
    }
    struct exercise_state state = progress_exercise_state(progress, step->id);
    if (state.passed || state.tried)
        add_score(words, state.passed ? "passed" : "tried", state.score, state.max_score);
    else if (words)
        buf_puts(words, "new");
    return state.passed ? WAY_DONE : state.tried ? WAY_BEGUN : WAY_NEW;
}

void way_exercise_words(const struct progress *progress, const char *id, struct buf *words) {
    struct exercise_state state = progress_exercise_state(progress, id);
    if (!state.tried && !state.passed)
        return;
    buf_printf(words, "%s %g of %g", state.passed ? "passed," : "best", state.score,
               state.max_score);
    if (state.failed)
        buf_printf(words, ", last time check %s failed", state.failed);
}
