#include "grade/program.h"

#include <errno.h>
#include <jq.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

struct program {
    jq_state *jq;
    struct buf said; /* by jq, while compiling */
};

/* --- its text --------------------------------------------------------------------------------- */

static void append_quoted(struct buf *into, const char *text) {
    jv quoted = jv_dump_string(jv_string(text), 0);
    buf_puts(into, jv_string_value(quoted));
    jv_free(quoted);
}

/* A line of its own ends each of the author's texts, because they may end in a comment. */
static void append_check(struct buf *into, const struct check *check) {
    buf_puts(into, "$id == ");
    append_quoted(into, check->id);
    buf_printf(into,
               " then [ $run | (%s\n) ]"
               " | if length == 1 then .[0]"
               "   else error(\"\\\"expect\\\" must give one value, gave \\(length)\") end",
               check->expect);
    if (check->say)
        buf_printf(into, " | if . == false then {ok: false, message: ($run | \"%s\")} else . end",
                   check->say);
    buf_putc(into, '\n');
}

/* `only`: this check alone; NULL with `with_checks`: all. */
static void append_program(struct buf *into, const struct exercise *exercise,
                           const struct check *only, bool with_checks) {
    buf_puts(into, grade_prelude);
    buf_printf(into, "%s\n", exercise->words);
    buf_puts(into, "def brigade_judge($id): if false then null\n");
    for (size_t i = 0; with_checks && i < exercise->check_count; i++) {
        const struct check *check = &exercise->checks[i];
        if (!check->expect || (only && check != only))
            continue;
        buf_puts(into, "elif ");
        append_check(into, check);
    }
    buf_puts(into,
             "else error(\"there is no such check\") end;\n"
             "[ $run.wanted[] as $id"
             " | try {id: $id, value: brigade_judge($id)} catch {id: $id, error: text_of} ]\n");
}

/* --- compiling -------------------------------------------------------------------------------- */

static void on_message(void *ctx, jv message) {
    struct program *program = ctx;
    jv text = jq_format_error(message);
    if (jv_get_kind(text) == JV_KIND_STRING)
        buf_printf(&program->said, "%s\n", jv_string_value(text));
    jv_free(text);
}

static struct program *compile(const struct exercise *exercise, const struct check *only,
                               bool with_checks) {
    struct program *program = xcalloc(1, sizeof *program);
    struct buf text = {0};
    append_program(&text, exercise, only, with_checks);
    program->jq = jq_init();
    jq_set_error_cb(program->jq, on_message, program);
    if (!jq_compile(program->jq, text.data))
        jq_teardown(&program->jq);
    buf_release(&text);
    return program;
}

void program_free(struct program *program) {
    if (!program)
        return;
    if (program->jq)
        jq_teardown(&program->jq);
    buf_release(&program->said);
    free(program);
}

/* --- who is to blame -------------------------------------------------------------------------- */

static int count_lines(const char *text) {
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* What jq said first, without its own idea of the place; *line becomes that. "jq: error: WORDS at
 * <top-level>, line 12:" is the form since jq 1.5. */
static char *first_words(const struct program *program, int *line) {
    static const char head[] = "jq: error: ", place[] = " at <top-level>, line ";
    const char *said = program->said.length ? program->said.data : "jq says no more";
    if (strncmp(said, head, strlen(head)) == 0)
        said += strlen(head);
    size_t length = strcspn(said, "\n");
    const char *at = memmem(said, length, place, strlen(place));
    *line = at ? atoi(at + strlen(place)) : 0;
    return xstrndup(said, at ? (size_t)(at - said) : length);
}

static void blame_check(const struct exercise *exercise, const struct check *check,
                        const char *words, struct err *err) {
    char *pointer = xasprintf("/checks/%td", check - exercise->checks - 1);
    char *place = exercise_place(exercise, pointer);
    err_set(err, EINVAL, "%s: \"expect\" or \"say\" of check %s is not jq: %s", place, check->id,
            words);
    free(place);
    free(pointer);
}

/* `check` is the one that was compiled alone; NULL: the words alone. A word that nobody uses is dropped before
 * it is looked at, so a mistake in checks.jq may show only with a check. */
static int blame(const struct exercise *exercise, const struct check *check,
                 const struct program *program, struct err *err) {
    int line;
    char *words = first_words(program, &line);
    line -= count_lines(grade_prelude);
    if (line >= 1 && line <= count_lines(exercise->words))
        err_set(err, EINVAL, "%s/checks.jq:%d: %s", exercise->dir, line, words);
    else if (check)
        blame_check(exercise, check, words, err);
    else
        err_set(err, EINVAL, "%s/checks.jq: %s", exercise->dir, words);
    free(words);
    return -EINVAL;
}

/* jq tells the line where it gave up, which for a missing bracket is in another check. So each part is
 * compiled by itself, which takes time only where there is something to tell. */
static int find_fault(const struct exercise *exercise, const struct program *whole,
                      struct err *err) {
    struct program *part = compile(exercise, NULL, false);
    int code = part->jq ? 0 : blame(exercise, NULL, part, err);
    program_free(part);
    for (size_t i = 0; code == 0 && i < exercise->check_count; i++) {
        if (!exercise->checks[i].expect)
            continue;
        part = compile(exercise, &exercise->checks[i], true);
        if (!part->jq)
            code = blame(exercise, &exercise->checks[i], part, err);
        program_free(part);
    }
    if (code)
        return code;
    int line;
    char *words = first_words(whole, &line);
    code = err_set(err, EINVAL, "%s: the checks together are not jq: %s", exercise->dir, words);
    free(words);
    return code;
}

struct program *program_new(const struct exercise *exercise, struct err *err) {
    struct program *program = compile(exercise, NULL, true);
    if (program->jq)
        return program;
    find_fault(exercise, program, err);
    program_free(program);
    return NULL;
}

/* --- running ---------------------------------------------------------------------------------- */

jv program_run(struct program *program, jv input) {
    jq_start(program->jq, input, 0);
    jv result = jq_next(program->jq);
    if (!jv_is_valid(result)) {
        jv message = jv_invalid_get_msg(result);
        return jv_get_kind(message) == JV_KIND_STRING ? message : jv_dump_string(message, 0);
    }
    for (jv more;
         jv_is_valid(more = jq_next(program->jq));) /* runs it to its end, which frees its stack */
        jv_free(more);
    return result;
}
