/* Errors carry a code, a text, and never lose errno. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "tests/harness/cases.h"

static void a_set_error_has_code_and_text(void **state) {
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ENOENT, "no %s in %d places", "bread", 3), -ENOENT);
    assert_int_equal(err.code, ENOENT);
    assert_string_equal(err.text, "no bread in 3 places");
}

static void a_system_error_ends_with_the_words_of_its_code(void **state) {
    (void)state;
    struct err err = {0};
    assert_int_equal(err_sys(&err, EACCES, "cannot open %s", "x"), -EACCES);
    assert_string_equal(err.text, "cannot open x: Permission denied");
}

static void code_0_becomes_eio_so_that_no_failure_looks_like_success(void **state) {
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, 0, "odd"), -EIO);
    assert_int_equal(err.code, EIO);
    assert_int_equal(err_sys(NULL, 0, "odd"), -EIO);
}

static void a_prefix_stands_before_and_keeps_the_code(void **state) {
    (void)state;
    struct err err = {0};
    err_set(&err, EINVAL, "a comma is missing");
    assert_int_equal(err_prefix(&err, "line %d", 7), -EINVAL);
    assert_string_equal(err.text, "line 7: a comma is missing");
}

static void nobody_needs_to_listen(void **state) {
    (void)state;
    assert_int_equal(err_set(NULL, ENOENT, "x"), -ENOENT);
    assert_int_equal(err_prefix(NULL, "x"), -EIO);
}

static void errno_is_kept(void **state) {
    (void)state;
    struct err err = {0};
    errno = ESRCH;
    err_sys(&err, EACCES, "x");
    err_set(&err, EACCES, "x");
    assert_int_equal(errno, ESRCH);
}

static void a_text_too_long_is_cut_at_the_end(void **state) {
    (void)state;
    struct err err = {0};
    char text[3 * ERR_TEXT_SIZE];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    err_sys(&err, EACCES, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_SIZE - 1);
    err_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_SIZE - 1);
    assert_int_equal(err.code, EACCES);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(a_set_error_has_code_and_text),
    cmocka_unit_test(a_system_error_ends_with_the_words_of_its_code),
    cmocka_unit_test(code_0_becomes_eio_so_that_no_failure_looks_like_success),
    cmocka_unit_test(a_prefix_stands_before_and_keeps_the_code),
    cmocka_unit_test(nobody_needs_to_listen),
    cmocka_unit_test(errno_is_kept),
    cmocka_unit_test(a_text_too_long_is_cut_at_the_end),
};

CASES_MAIN(cases)
