/* What the sanitizers say, and the fault made of it. The words are those of gcc 12's libasan and libubsan. */
#include "build/sanitizer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "proto/event.h"
#include "tests/harness/cases.h"

/* Reads a copy that ends where the text does, so that a sanitizer of ours sees a read behind it. */
static json_t *read_text(const char *text) {
    size_t length = strlen(text);
    char *copy = xmalloc(length ? length : 1);
    memcpy(copy, text, length);
    json_t *fault = sanitizer_read(copy, length);
    free(copy);
    return fault;
}

static void assert_fault(const char *text, const char *kind, const char *what, const char *place) {
    json_t *fault = read_text(text);
    assert_non_null(fault);
    assert_string_equal(kind, event_text(fault, "kind", ""));
    assert_string_equal(what, event_text(fault, "what", ""));
    char *got = xasprintf("%s:%d in %s", event_text(fault, "file", "-"),
                          (int)event_int(fault, "line", 0), event_text(fault, "function", "-"));
    assert_string_equal(place, got);
    free(got);
    json_decref(fault);
}

#define STACK                                                                                      \
    "    #0 0x7f11 in __interceptor_strlen ../../../sanitizer_common_interceptors.inc:391\n"       \
    "    #1 0x55d1 in greet /work/app.c:7:12\n"                                                    \
    "    #2 0x55d2 in main /work/my file.c:12\n"                                                   \
    "    #3 0x7f12 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58\n"          \
    "    #4 0x55d3 in _start (/work/app+0x10d4)\n\n"

static void a_null_pointer(void **state) {
    (void)state;
    assert_fault("hello\n==2==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000010 (pc "
                 "0x55 bp 0x7f sp 0x7f T0)\n==2==The signal is caused by a READ memory access.\n" STACK,
                 "SEGV", "it reads through a null pointer", "app.c:7 in greet");
}

static void a_wild_pointer(void **state) {
    (void)state;
    assert_fault("==2==ERROR: AddressSanitizer: SEGV on unknown address 0x7f0012345678 (pc 0x55)\n"
                 "==2==The signal is caused by a WRITE memory access.\n" STACK,
                 "SEGV", "it writes to memory that is not there", "app.c:7 in greet");
}

static void bounds_of_a_block(void **state) {
    (void)state;
    assert_fault("==2==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc "
                 "0x55\nWRITE of size 4 at 0x602000000014 thread T0\n" STACK
                 "allocated by thread T0 here:\n    #0 0x7f in malloc\n    #1 0x5 in f /work/b.c:1\n",
                 "heap-buffer-overflow", "it leaves the bounds of a block from malloc()",
                 "app.c:7 in greet");
}

static void a_kind_we_have_no_words_for(void **state) {
    (void)state;
    assert_fault("==2==ERROR: AddressSanitizer: some-new-thing on address 0x1\n" STACK,
                 "some-new-thing on address 0x1", "some-new-thing on address 0x1",
                 "app.c:7 in greet");
}

static void undefined_behaviour(void **state) {
    (void)state;
    assert_fault("app.c:5:14: runtime error: signed integer overflow: 2147483647 + 1\n", "undefined",
                 "signed integer overflow: 2147483647 + 1", "app.c:5 in -");
    assert_fault("/work/app.c:5:14: runtime error: division by zero\n"
                 "    #0 0x55 in share /work/app.c:5\n",
                 "undefined", "division by zero", "app.c:5 in share");
}

static void what_ended_it_comes_first(void **state) {
    (void)state;
    assert_fault("app.c:5:14: runtime error: division by zero\n"
                 "==2==ERROR: AddressSanitizer: FPE on unknown address 0x55 (pc 0x55)\n" STACK,
                 "FPE", "it divides a whole number by zero", "app.c:7 in greet");
}

static void nothing_of_the_learners_is_in_the_stack(void **state) {
    (void)state;
    assert_fault("==2==ERROR: AddressSanitizer: ABRT on unknown address 0x2 (pc 0x7f)\n"
                 "    #0 0x7f in raise /lib/x.c:3\n",
                 "ABRT", "it calls abort(), as assert() does", "-:0 in -");
}

static void other_words_are_no_fault(void **state) {
    (void)state;
    static const char *const texts[] = {"", "\n", "Worker 12 died\n", "#0 0x1 in main /work/a.c:1\n",
                                        "ERROR: AddressSanitizer"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_null(read_text(texts[i]));
}

static void a_stack_has_an_end(void **state) {
    (void)state;
    struct buf text = {0};
    buf_puts(&text, "==2==ERROR: AddressSanitizer: stack-overflow on address 0x7f\n");
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "    #%d 0x55 in again /work/app.c:3\n", i);
    json_t *fault = sanitizer_read(text.data, text.length);
    assert_int_equal(STACK_MOST, json_array_size(json_object_get(fault, "stack")));
    json_decref(fault);
    buf_release(&text);
}

static void its_end_is_known(void **state) {
    (void)state;
    static const char text[] = "==2==ERROR: AddressSanitizer: SEGV\n==2==ABORTING\n";
    assert_true(sanitizer_is_over(text, strlen(text)));
    assert_false(sanitizer_is_over(text, strlen(text) - 5));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_null_pointer),
    cmocka_unit_test(a_wild_pointer),
    cmocka_unit_test(bounds_of_a_block),
    cmocka_unit_test(a_kind_we_have_no_words_for),
    cmocka_unit_test(undefined_behaviour),
    cmocka_unit_test(what_ended_it_comes_first),
    cmocka_unit_test(nothing_of_the_learners_is_in_the_stack),
    cmocka_unit_test(other_words_are_no_fault),
    cmocka_unit_test(a_stack_has_an_end),
    cmocka_unit_test(its_end_is_known),
};

CASES_MAIN(cases)
