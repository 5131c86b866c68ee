/* Every quiz of the lessons against quiz.schema.json, and what a schema cannot say. */
#include "tests/harness/cases.h"

#include <glob.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

enum { CODE_COLUMNS = 70, CHOICES_MAX = 4 };

/* The quiz under test, for messages, and the schema's description of its parts. */
struct quiz {
    const char *path;
    json_t *root, *schema;
    int rights[CHOICES_MAX]; /* how often the choice at this place is the right one */
};

static json_t *load(const char *path) {
    json_error_t error;
    json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return value;
}

/* Members: the required ones, and none that the schema does not know. */
static void check_members(const struct quiz *quiz, const json_t *schema, const json_t *object) {
    const char *name;
    json_t *value, *properties = json_object_get(schema, "properties");
    size_t i;
    if (!json_is_object(object))
        fail_msg("%s: not an object where one is due", quiz->path);
    json_object_foreach((json_t *)object, name, value) {
        if (!json_object_get(properties, name))
            fail_msg("%s: the schema knows no member %s", quiz->path, name);
    }
    json_array_foreach(json_object_get(schema, "required"), i, value) {
        if (!json_object_get(object, json_string_value(value)))
            fail_msg("%s: member %s is missing", quiz->path, json_string_value(value));
    }
}

static const char *text_of(const struct quiz *quiz, const json_t *object, const char *member) {
    const char *text = json_string_value(json_object_get(object, member));
    if (!text || !text[strspn(text, " \n")])
        fail_msg("%s: a %s is no text or empty", quiz->path, member);
    return text;
}

static void check_length(const struct quiz *quiz, const json_t *schema, const json_t *list) {
    size_t length = json_array_size(list);
    size_t least = (size_t)json_integer_value(json_object_get(schema, "minItems"));
    size_t most = (size_t)json_integer_value(json_object_get(schema, "maxItems"));
    if (length < least || length > most)
        fail_msg("%s: a list of %zu, not of %zu to %zu", quiz->path, length, least, most);
}

/* Fences are closed, and no line between them is too wide for the quiz's window. */
static void check_code(const struct quiz *quiz, const char *markdown) {
    bool inside = false;
    for (const char *line = markdown; *line;) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, "```", 3) == 0)
            inside = !inside;
        else if (inside && length > CODE_COLUMNS)
            fail_msg("%s: wider than %d: %.*s", quiz->path, CODE_COLUMNS, (int)length, line);
        line += length + (line[length] == '\n');
    }
    if (inside)
        fail_msg("%s: a fence is not closed: %s", quiz->path, markdown);
}

static void check_choice(struct quiz *quiz, const json_t *choice, size_t place, size_t *rights) {
    check_members(quiz, json_object_get(json_object_get(quiz->schema, "$defs"), "choice"), choice);
    if (strstr(text_of(quiz, choice, "text"), "\n"))
        fail_msg("%s: a choice of more than one line", quiz->path);
    check_code(quiz, text_of(quiz, choice, "why"));
    const json_t *right = json_object_get(choice, "right");
    if (right && !json_is_true(right))
        fail_msg("%s: right is true or not there", quiz->path);
    if (right) {
        quiz->rights[place]++;
        (*rights)++;
    }
}

static void check_question(struct quiz *quiz, const json_t *question, json_t *seen) {
    const json_t *schema = json_object_get(json_object_get(quiz->schema, "$defs"), "question");
    check_members(quiz, schema, question);
    const char *id = text_of(quiz, question, "id");
    if (strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id) || id[0] < 'a')
        fail_msg("%s: \"%s\" is no id", quiz->path, id);
    if (json_object_get(seen, id))
        fail_msg("%s: id %s stands twice", quiz->path, id);
    json_object_set_new(seen, id, json_true());
    check_code(quiz, text_of(quiz, question, "ask"));

    json_t *choices = json_object_get(question, "choices"), *choice;
    check_length(quiz, json_object_get(json_object_get(schema, "properties"), "choices"), choices);
    size_t place, rights = 0;
    json_array_foreach(choices, place, choice) check_choice(quiz, choice, place, &rights);
    if (rights != 1)
        fail_msg("%s: question %s has %zu right choices", quiz->path, id, rights);
}

static void check_quiz(struct quiz *quiz) {
    check_members(quiz, quiz->schema, quiz->root);
    assert_string_equal("../quiz.schema.json", text_of(quiz, quiz->root, "$schema"));
    text_of(quiz, quiz->root, "title");
    json_t *questions = json_object_get(quiz->root, "questions"), *question;
    const json_t *properties = json_object_get(quiz->schema, "properties");
    check_length(quiz, json_object_get(properties, "questions"), questions);
    json_t *seen = json_object();
    size_t i;
    json_array_foreach(questions, i, question) check_question(quiz, question, seen);
    json_decref(seen);
    for (i = 0; i < CHOICES_MAX; i++) {
        if ((size_t)quiz->rights[i] * 2 > json_array_size(questions))
            fail_msg("%s: the right choice is too often number %zu", quiz->path, i + 1);
    }
}

static void every_quiz_is_as_the_schema_has_it_and_fair(void **state) {
    (void)state;
    glob_t found;
    int code = glob(case_source("lessons/*/quiz.json"), 0, NULL, &found);
    if (code == GLOB_NOMATCH)
        skip();
    assert_int_equal(0, code);
    json_t *schema = load(case_source("lessons/quiz.schema.json"));
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        struct quiz quiz = {.path = path, .root = load(path), .schema = schema};
        check_quiz(&quiz);
        json_decref(quiz.root);
    }
    json_decref(schema);
    globfree(&found);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_quiz_is_as_the_schema_has_it_and_fair),
};
CASES_MAIN(cases)
