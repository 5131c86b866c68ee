/* A manifest that holds anything: it is read or refused with words, and every place that is named has its line.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -DBRIGADE_DATADIR='""' -Ichecker \
 *         checker/tests/fuzz/manifest_fuzz.c checker/{base,exercise}/[a-z]*.c -ljansson
 *
 * What comes before the first NUL is the manifest, what comes after it a JSON pointer into it.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "exercise/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const char *text, const char *pointer) {
    int last = 1;
    for (const char *at = text; *at; at++)
        last += *at == '\n';
    int line = pointer_line(text, pointer);
    assert(line >= 1 && line <= last);
}

/* What a manifest gives when nothing was wrong with it. */
static void check_exercise(const struct exercise *exercise) {
    assert(exercise->id && exercise->title && exercise->chapter);
    assert(exercise->language_count && exercise->step_count && exercise->check_count > 1);
    assert(exercise->points > POINTS_TOTAL - 0.1 && exercise->points < POINTS_TOTAL + 0.1);
    for (size_t i = 0; i < exercise->check_count; i++)
        assert(exercise->checks[i].id && exercise->checks[i].title && exercise->checks[i].needs);
    for (size_t i = 0; i < exercise->language_count; i++)
        assert(exercise->languages[i].run && exercise->languages[i].needs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = xstrndup((const char *)data, size);
    size_t length = strlen(text);
    bool pointed = length < size;
    char *pointer = xstrndup((const char *)data + length + pointed, size - length - pointed);
    struct reading reading = {.file = "exercise.json", .text = text};
    struct exercise exercise = {0};
    struct err err = {0};
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    check_lines(text, pointer);
    if (root) {
        manifest_read(&reading, root, &exercise);
        if (json_is_object(root))
            relations_check(&reading, "/nowhere", "stats", &exercise);
        assert(reading.fault_count >= 2 ||
               !json_is_object(root)); /* the files that are not there */
        if (json_is_object(root) && reading.fault_count == 2)
            check_exercise(&exercise);
        assert(reading_tell(&reading, &err) < 0 && err.text[0]);
    }
    reading_release(&reading);
    json_decref(root);
    free(pointer);
    free(text);
    return 0;
}
