#include "model/example.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

void example_find(struct example *example, const char *lesson, const char *text) {
    const char *slash = strrchr(lesson, '/');
    int folder = slash ? (int)(slash - lesson) : 0;
    example->words = xcalloc(EXAMPLE_WORDS_MAX + 1, sizeof *example->words);
    for (size_t count = 0; (*text || !count) && count < EXAMPLE_WORDS_MAX; count++) {
        int length = (int)strcspn(text, " \t");
        example->words[count] = count ? xstrndup(text, (size_t)length)
                                      : xasprintf("%.*s/examples/%.*s", slash ? folder : 1,
                                                  slash ? lesson : ".", length, text);
        text += length;
        text += strspn(text, " \t");
    }
    example->name = strrchr(example->words[0], '/') + 1;
    example->below = (slash ? (size_t)folder : 1) + strlen("/examples");
}

/* The path to the course may well have ".." in it; what the lesson names in examples/ may not. */
static bool leads_out(const char *path) {
    for (const char *at = strstr(path, "/.."); at; at = strstr(at + 1, "/.."))
        if (at[3] == '/' || !at[3])
            return true;
    return false;
}

bool example_is_there(const struct example *example) {
    return *example->name && !leads_out(example->words[0] + example->below) &&
           access(example->words[0], R_OK) == 0;
}

void example_release(struct example *example) {
    for (char **word = example->words; word && *word; word++)
        free(*word);
    free(example->words);
    *example = (struct example){0};
}
