#include "base/alloc.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *block) {
    if (!block) {
        fputs("brigade: out of memory\n", stderr);
        abort();
    }
    return block;
}

void *xmalloc(size_t size_bytes) { return checked(malloc(size_bytes ? size_bytes : 1)); }

void *xcalloc(size_t count, size_t size_bytes) {
    return checked(calloc(count ? count : 1, size_bytes ? size_bytes : 1));
}

void *xrealloc(void *block, size_t size_bytes) {
    return checked(realloc(block, size_bytes ? size_bytes : 1));
}

char *xstrdup(const char *text) { return text ? checked(strdup(text)) : NULL; }

char *xstrndup(const char *text, size_t length) { return checked(strndup(text, length)); }

char *xasprintf(const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return checked(length < 0 ? NULL : text);
}

void *grow_array(void *array, size_t *capacity, size_t wanted, size_t size_bytes) {
    if (wanted <= *capacity)
        return array;
    size_t grown = *capacity ? *capacity : 8;
    while (grown < wanted)
        grown = grown <= SIZE_MAX / 2 ? grown * 2 : wanted;
    *capacity = grown;
    return checked(reallocarray(array, grown, size_bytes));
}

void alloc_use_for_json(void) { json_set_alloc_funcs(xmalloc, free); }
