/* The one allocator: out of memory ends the program with a clear line, so callers never test for
 * it. Sizes that a learner or an author controls are bounded before they come here. */
#ifndef BRIGADE_BASE_ALLOC_H
#define BRIGADE_BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size_bytes);
void *xcalloc(size_t count, size_t size_bytes);
void *xrealloc(void *block, size_t size_bytes);
char *xstrdup(const char *text); /* NULL gives NULL */
char *xstrndup(const char *text, size_t length);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Grows an array of `size_bytes` elements so that `wanted` fit; doubles, keeps the content. */
void *grow_array(void *array, size_t *capacity, size_t wanted, size_t size_bytes);

/* Makes jansson use this allocator; call once at the start of main. */
void alloc_use_for_json(void);

#define GROW(array, capacity, wanted)                                                              \
    ((array) = grow_array((array), &(capacity), (wanted), sizeof *(array)))

#endif
