/* The command line of a run: proved by a real shell that runs what was written. */
#include <stdio.h>
#include <string.h>

#include "session/command.h"
#include "tests/harness/cases.h"

static const char *const run[] = {"printf", "[%s]", NULL};
static const struct language language = {.run = run};

static void without_cases_it_is_the_language_s(void **state) {
    (void)state;
    struct exercise exercise = {0};
    struct command command;
    command_init(&command, &exercise, &language);
    assert_ptr_equal(run, command.argv);
    command_release(&command);
}

static void a_shell_gives_each_case_its_words_as_they_are(void **state) {
    (void)state;
    static const char *const plain[] = {"end", NULL}, *const none[] = {NULL};
    static const char *const odd[] = {"it's", "'", "$HOME `x` \\ * ~", "two\nlines", "a;b", NULL};
    const struct exercise_case all[] = {
        {"odd", NULL, odd}, {"none", NULL, none}, {"plain", NULL, plain}};
    struct exercise exercise = {.cases = all, .case_count = 3};
    struct command command;
    command_init(&command, &exercise, &language);
    assert_string_equal("/bin/sh", command.argv[0]);
    assert_string_equal("-c", command.argv[1]);
    assert_null(command.argv[3]);
    char got[256] = {0};
    FILE *shell = popen(command.argv[2], "re");
    assert_non_null(shell);
    assert_true(fread(got, 1, sizeof got - 1, shell) > 0);
    assert_int_equal(0, pclose(shell));
    assert_string_equal("[it's]['][$HOME `x` \\ * ~][two\nlines][a;b][][end]", got);
    command_release(&command);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(without_cases_it_is_the_language_s),
    cmocka_unit_test(a_shell_gives_each_case_its_words_as_they_are),
};
CASES_MAIN(cases)
