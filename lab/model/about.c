#include "model/about.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "exercise/exercise.h"
#include "model/quiz.h"

enum { TEXT_MAX = 4 << 20 };

static size_t line_length(const char *at) { return strcspn(at, "\r\n"); }

static const char *next_line(const char *at) {
    at += line_length(at);
    return *at ? at + 1 : at;
}

/* The title, and the headings below it as a list. */
static void about_lesson(struct course *course, size_t step) {
    struct buf text = {0}, about = {0};
    char *title = NULL;
    bool in_code = false;
    if (file_read(course->steps[step].file, &text, TEXT_MAX, NULL) < 0 || !text.data) {
        buf_release(&text);
        return;
    }
    for (const char *at = text.data; *at; at = next_line(at)) {
        int length = (int)line_length(at);
        in_code ^= !strncmp(at, "```", 3);
        if (in_code)
            continue;
        if (!title && !strncmp(at, "# ", 2)) {
            title = xstrndup(at + 2, (size_t)length - 2);
            buf_printf(&about, "# %s\n\n", title);
        } else if (!strncmp(at, "## ", 3)) {
            buf_printf(&about, "- %.*s\n", length - 3, at + 3);
        }
    }
    course_describe(course, step, title ? title : course->steps[step].title, 0, about.data);
    free(title);
    buf_release(&about);
    buf_release(&text);
}

static void about_quiz(struct course *course, size_t step) {
    struct quiz *quiz = quiz_load(course->steps[step].file, NULL);
    if (!quiz)
        return;
    char *about = xasprintf("# %s\n\n%zu questions, one at a time. Each answer is explained, the "
                            "best result is kept, and you may take it again.\n",
                            quiz->title, quiz->question_count);
    course_describe(course, step, quiz->title, 0, about);
    free(about);
    quiz_free(quiz);
}

/* What stands between the title and the first drawing or heading. */
static void add_opening(struct buf *about, const char *task) {
    const char *at = !strncmp(task, "# ", 2) ? next_line(task) : task;
    while (*at && strncmp(at, "```", 3) && strncmp(at, "## ", 3)) {
        const char *next = next_line(at);
        buf_append(about, at, (size_t)(next - at));
        at = next;
    }
}

static void about_exercise(struct course *course, size_t step) {
    struct exercise *exercise = exercise_load(course->steps[step].id, NULL);
    if (!exercise)
        return;
    struct buf about = {0}, task = {0};
    char *path = xasprintf("%s/task.md", exercise->dir);
    buf_printf(&about, "# %s\n", exercise->title);
    if (file_read(path, &task, TEXT_MAX, NULL) == 0 && task.data)
        add_opening(&about, task.data);
    buf_puts(&about, "\n| points | check |\n| --- | --- |\n");
    for (size_t i = 0; i < exercise->check_count; i++)
        if (exercise->checks[i].points > 0)
            buf_printf(&about, "| %g | %s |\n", exercise->checks[i].points,
                       exercise->checks[i].title);
    course_describe(course, step, exercise->title, exercise->points, about.data);
    free(path);
    buf_release(&about);
    buf_release(&task);
    exercise_free(exercise);
}

void about_step(struct course *course, size_t step) {
    switch (course->steps[step].kind) {
    case STEP_EXERCISE: about_exercise(course, step); break;
    case STEP_QUIZ: about_quiz(course, step); break;
    default: about_lesson(course, step); break;
    }
}
