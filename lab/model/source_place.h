/* Places in sources, as compilers, sanitizers and checks name them: "app.c:42". */
#ifndef BRIGADE_MODEL_SOURCE_PLACE_H
#define BRIGADE_MODEL_SOURCE_PLACE_H

#include <stdbool.h>

enum { SOURCE_PLACE_FILE_MAX = 256 };

struct source_place {
    char file[SOURCE_PLACE_FILE_MAX];
    int line;
};

/* The first place that a text names: a file of a programming language, a colon, a line. `text` may be NULL. */
bool source_place_find(const char *text, struct source_place *place);

#endif
