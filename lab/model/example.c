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
}

bool example_is_there(const struct example *example) {
    return *example->name && !strstr(example->words[0], "/../") &&
           access(example->words[0], R_OK) == 0;
}

void example_release(struct example *example) {
    for (char **word = example->words; word && *word; word++)
        free(*word);
    free(example->words);
    *example = (struct example){0};
}
