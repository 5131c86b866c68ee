/* Where the lab's own data and programs are: beside the program in a source tree, else installed. */
#ifndef BRIGADE_MODEL_PLACES_H
#define BRIGADE_MODEL_PLACES_H

/* The folder of the lessons: $BRIGADE_LESSONS, ../lessons beside our program, the installed one. The
 * caller frees; NULL if there is none. */
char *places_lessons(void);

/* The checker: $BRIGADE_CHECK, brigade-check beside our program, else the name alone (PATH decides).
 * The caller frees. */
char *places_checker(void);

/* The student's folder: `chosen` (the command line's, may be NULL), $BRIGADE_WORKSPACE, ~/brigade. Absolute
 * where that can be told. The caller frees. */
char *places_workspace(const char *chosen);

#endif
