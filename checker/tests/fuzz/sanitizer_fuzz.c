/* What a program writes to stderr and may be a sanitizer's report, or made to look like one: a fault that is read of it has
 * its words, and a stack of calls that is not too long.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ichecker \
 *         checker/tests/fuzz/sanitizer_fuzz.c checker/build/sanitizer.c \
 *         checker/base/{alloc,buf,err,text}.c -ljansson
 */
#include <assert.h>
#include <stdint.h>

#include "build/sanitizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *fault = sanitizer_read((const char *)data, size);
    sanitizer_is_over((const char *)data, size);
    if (!fault)
        return 0;
    assert(json_is_string(json_object_get(fault, "kind")));
    assert(json_is_string(json_object_get(fault, "what")));
    const json_t *line = json_object_get(fault, "line"), *stack = json_object_get(fault, "stack");
    assert(!line || json_integer_value(line) >= 0);
    assert(json_is_array(stack) && json_array_size(stack) <= STACK_MOST);
    size_t index;
    json_t *call;
    json_array_foreach(stack, index, call)
        assert(json_is_string(json_object_get(call, "function")));
    json_decref(fault);
    return 0;
}
