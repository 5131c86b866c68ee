#include "views/letters.h"

#include "model/way.h"

static size_t count_of(const struct course *course, enum step_kind kind) {
    size_t count = 0;
    for (size_t i = 0; i < course->step_count; i++)
        count += course->steps[i].kind == kind;
    return count;
}

static void add_count(struct buf *into, size_t count, const char *one, const char *many) {
    buf_printf(into, "%zu %s", count, count == 1 ? one : many);
}

void letter_welcome(struct buf *markdown, const struct course *course, const char *workspace) {
    buf_printf(markdown, "# Welcome to %s\n\n", course->title);
    buf_puts(
        markdown,
        "You know C. Here you learn to write programs that are *several* processes: they start "
        "each other, talk to each other, serve one port together and outlive each other's "
        "crashes.\n\nBefore you: ");
    add_count(markdown, count_of(course, STEP_LESSON), "lesson", "lessons");
    buf_puts(markdown, ", ");
    add_count(markdown, count_of(course, STEP_QUIZ), "quiz", "quizzes");
    buf_puts(markdown, " and ");
    add_count(markdown, count_of(course, STEP_EXERCISE), "exercise", "exercises");
    buf_puts(markdown,
             ". Take them in order, or as you like: nothing is locked.\n\n"
             "- A **lesson** is read, and its examples run where they stand: **Enter**.\n"
             "- An **exercise** is yours: **e** edits, **r** compiles, runs and checks; with **w** "
             "every "
             "save is checked at once, whatever your editor.\n"
             "- A **quiz** asks, and explains every answer.\n\n"
             "What you see of your programs is traced, not printed: which process forked whom, who "
             "told whom what, who answered which request.\n\n");
    buf_printf(markdown,
               "Your files are in `%s`. **?** lists the keys, wherever you are.\n\n"
               "Press **Enter** to begin.\n",
               workspace);
}

void letter_farewell(struct buf *markdown, const struct course *course,
                     const struct progress *progress) {
    struct way_sum sum = way_sum(course, progress);
    buf_puts(markdown, "# That was all of it\n\n");
    if (sum.max_points > 0)
        buf_printf(markdown, "**%g of %g points.** ", sum.points, sum.max_points);
    buf_puts(markdown, "You have read every lesson, taken every quiz and passed every exercise: ");
    add_count(markdown, count_of(course, STEP_EXERCISE), "program", "programs");
    buf_puts(markdown,
             " of yours that fork, talk and serve, and what they did was seen by the kernel, not "
             "read from what they print.\n\n"
             "What is left to look at:\n\n"
             "- the **solutions** of an exercise beside your own: **S** in an exercise that you "
             "have passed\n"
             "- the **quizzes** again: the best result is kept\n"
             "- a **free run** of any of your programs: **f**, then load and kill as you please\n\n"
             "Your files stay where they are. Thank you for the shift.\n\n"
             "Press **Enter** for the course.\n");
}
