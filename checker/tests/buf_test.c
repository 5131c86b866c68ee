/* The allocator and the growing buffer. */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "tests/harness/cases.h"

static void an_array_grows_and_keeps_its_content(void **state) {
    (void)state;
    int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        GROW(numbers, capacity, (size_t)i + 1);
        numbers[i] = i;
    }
    assert_true(capacity >= 1000 && capacity <= 2048);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

static void an_array_that_is_large_enough_stays_where_it_is(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t capacity = 0;
    GROW(bytes, capacity, 100);
    char *before = bytes;
    size_t capacity_before = capacity;
    GROW(bytes, capacity, 3);
    assert_ptr_equal(bytes, before);
    assert_int_equal(capacity, capacity_before);
    free(bytes);
}

static void asking_for_more_than_there_can_be_aborts_and_does_not_hang(void **state) {
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        int silent = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(silent, STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        alarm(10);
        int *numbers = NULL;
        size_t capacity = 0;
        GROW(numbers, capacity, SIZE_MAX / 2 + 2);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_false(WIFEXITED(status) &&
                 WEXITSTATUS(status) == 0); /* a sanitizer ends it its own way */
    assert_false(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

static void nothing_can_be_asked_for(void **state) {
    (void)state;
    void *none = xmalloc(0), *zeroed = xcalloc(0, 8);
    assert_non_null(none);
    assert_non_null(zeroed);
    assert_null(xstrdup(NULL));
    free(none);
    free(zeroed);
}

static void a_fresh_buffer_can_be_cleared_and_released(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_clear(&buf);
    buf_drop_front(&buf, 5);
    buf_release(&buf);
    assert_null(buf.data);
}

static void text_is_always_ended_by_a_nul(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_append(&buf, NULL, 0);
    assert_string_equal(buf.data, "");
    buf_puts(&buf, "one");
    buf_putc(&buf, ' ');
    buf_printf(&buf, "%d and %s", 2, "three");
    assert_string_equal(buf.data, "one 2 and three");
    assert_int_equal(buf.length, strlen(buf.data));
    buf_drop_front(&buf, 4);
    assert_string_equal(buf.data, "2 and three");
    buf_drop_front(&buf, 1000);
    assert_string_equal(buf.data, "");
    buf_clear(&buf);
    assert_string_equal(buf.data, "");
    buf_release(&buf);
}

static void printing_nothing_makes_an_empty_text(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_printf(&buf, "%s", "");
    assert_non_null(buf.data);
    assert_string_equal(buf.data, "");
    buf_release(&buf);
}

static void nul_bytes_are_bytes_like_others(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_append(&buf, "a\0b", 3);
    assert_int_equal(buf.length, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
    buf_release(&buf);
}

static void a_long_print_fits(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_printf(&buf, "%0*d", 5000, 7);
    assert_int_equal(buf.length, 5000);
    assert_int_equal(buf.data[4999], '7');
    buf_release(&buf);
}

static void a_stolen_text_is_the_callers_and_never_null(void **state) {
    (void)state;
    struct buf buf = {0};
    char *empty = buf_steal(&buf);
    assert_string_equal(empty, "");
    buf_puts(&buf, "mine");
    char *text = buf_steal(&buf);
    assert_string_equal(text, "mine");
    assert_null(buf.data);
    assert_int_equal(buf.length, 0);
    free(empty);
    free(text);
}

static void a_read_appends_what_came_and_tells_the_end(void **state) {
    (void)state;
    int ends[2];
    struct buf buf = {0};
    buf_puts(&buf, "> ");
    assert_int_equal(fd_pipe(ends, NULL), 0);
    assert_int_equal(fd_write_all(ends[1], "abcdef", 6), 0);
    assert_int_equal(buf_read(&buf, ends[0], 4), 4);
    assert_int_equal(buf_read(&buf, ends[0], 4), 2);
    assert_string_equal(buf.data, "> abcdef");
    fd_set_nonblocking(ends[0], true);
    assert_int_equal(buf_read(&buf, ends[0], 4), -EAGAIN);
    fd_close(&ends[1]);
    assert_int_equal(buf_read(&buf, ends[0], 4), 0);
    assert_string_equal(buf.data, "> abcdef");
    fd_close(&ends[0]);
    buf_release(&buf);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(an_array_grows_and_keeps_its_content),
    cmocka_unit_test(an_array_that_is_large_enough_stays_where_it_is),
    cmocka_unit_test(asking_for_more_than_there_can_be_aborts_and_does_not_hang),
    cmocka_unit_test(nothing_can_be_asked_for),
    cmocka_unit_test(a_fresh_buffer_can_be_cleared_and_released),
    cmocka_unit_test(text_is_always_ended_by_a_nul),
    cmocka_unit_test(printing_nothing_makes_an_empty_text),
    cmocka_unit_test(nul_bytes_are_bytes_like_others),
    cmocka_unit_test(a_long_print_fits),
    cmocka_unit_test(a_stolen_text_is_the_callers_and_never_null),
    cmocka_unit_test(a_read_appends_what_came_and_tells_the_end),
};

CASES_MAIN(cases)
