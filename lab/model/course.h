/* The course: chapters and their steps in order, from lessons/course.json.
 *
 *     struct course *course = course_load(folder, &err);
 *     for (size_t i = 0; i < course->step_count; i++) ... course->steps[i] ...
 *     course_free(course);
 *
 * Loading reads course.json alone; what names the steps is read later, by model/about.h.
 */
#ifndef BRIGADE_MODEL_COURSE_H
#define BRIGADE_MODEL_COURSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum step_kind { STEP_LESSON, STEP_EXERCISE, STEP_QUIZ };

struct course_step {
    enum step_kind kind;
    char *id;
    char **was;     /* ids it had in earlier versions, ended by NULL; NULL: none */
    char *title;    /* never NULL; the chapter's or the id until course_describe */
    char *file;     /* of a lesson or quiz: in the folder of the course */
    size_t chapter; /* index */
    double points;  /* of an exercise, all checks together; 0 until course_describe */
    char *about;    /* Markdown; NULL until course_describe */
};

struct chapter {
    char *id, *title;
    int number;
};

struct course {
    char *title, *subtitle;
    struct chapter *chapters;
    size_t chapter_count, chapter_capacity;
    struct course_step *steps;
    size_t step_count, step_capacity;
};

/* NULL with err told: what is wrong in course.json, or where it was looked for. */
struct course *course_load(const char *folder, struct err *err);
void course_free(struct course *course); /* NULL allowed */

/* Gives a step its own title, its points (an exercise's) and what it is about (Markdown; NULL: not known);
 * copies. model/about.h reads them. */
void course_describe(struct course *course, size_t step, const char *title, double points,
                     const char *about);

/* The index of a step by its id, an exercise before a lesson; -1 if there is none. */
int course_find(const struct course *course, const char *id);

#endif
