/* An example of a lesson: the file and the arguments that stand over a block of code.
 *
 *     struct example example;
 *     example_find(&example, step->file, "bell.c 3");
 *     if (example_is_there(&example)) ... example.words ...
 *     example_release(&example);
 */
#ifndef BRIGADE_MODEL_EXAMPLE_H
#define BRIGADE_MODEL_EXAMPLE_H

#include <stdbool.h>
#include <stddef.h>

enum { EXAMPLE_WORDS_MAX = 16 };

struct example {      /* zeroed: none */
    char **words;     /* its path, then the arguments; ended by NULL */
    const char *name; /* of the file, within words */
    size_t below;     /* where in its path examples/ ends */
};

/* In the folder examples/ beside the lesson. Words are split at blanks. */
void example_find(struct example *example, const char *lesson, const char *text);
bool example_is_there(const struct example *example); /* and is no file of elsewhere */
void example_release(struct example *example);

#endif
