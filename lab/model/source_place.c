#include "model/source_place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_DIGITS = 7 };

static bool is_name(char c) { return isalnum((unsigned char)c) || (c && strchr("_-./+", c)); }

static bool is_source(const char *file, size_t length) {
    static const char *const endings[] = {".c", ".h", ".js", ".mjs", ".py", ".ts", ".rs", ".go"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && !memcmp(file + length - ending, endings[i], ending))
            return true;
    }
    return false;
}

bool source_place_find(const char *text, struct source_place *place) {
    for (const char *colon = text ? strchr(text, ':') : NULL; colon;
         colon = strchr(colon + 1, ':')) {
        const char *file = colon;
        while (file > text && is_name(file[-1]))
            file--;
        size_t length = (size_t)(colon - file), digits = strspn(colon + 1, "0123456789");
        if (!digits || digits > LINE_MAX_DIGITS || length >= sizeof place->file ||
            !is_source(file, length))
            continue;
        memcpy(place->file, file, length);
        place->file[length] = '\0';
        place->line = atoi(colon + 1);
        return place->line > 0;
    }
    return false;
}
