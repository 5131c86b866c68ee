/* The published schemas, held against the code: events.schema.json says what the table in event.c says,
 * and what the checker writes is valid by both. The small validator here knows the keywords that the two
 * schemas use, and fails on any other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "proto/event.h"
#include "proto/outcome.h"
#include "proto/reader.h"
#include "proto/result.h"
#include "tests/harness/cases.h"

static json_t *load(const char *name) {
    char path[128];
    json_error_t error;
    snprintf(path, sizeof path, "checker/proto/%s", name);
    json_t *schema = json_load_file(case_source(path), JSON_REJECT_DUPLICATES, &error);
    if (!schema)
        fail_msg("%s, line %d: %s", name, error.line, error.text);
    return schema;
}

/* --- a validator -------------------------------------------------------------------------------- */

static bool valid(const json_t *root, const json_t *schema, const json_t *value);

static bool has_type(const json_t *value, const char *type) {
    switch (json_typeof(value)) {
    case JSON_OBJECT: return strcmp(type, "object") == 0;
    case JSON_ARRAY: return strcmp(type, "array") == 0;
    case JSON_STRING: return strcmp(type, "string") == 0;
    case JSON_INTEGER: return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
    case JSON_REAL: return strcmp(type, "number") == 0;
    case JSON_TRUE:
    case JSON_FALSE: return strcmp(type, "boolean") == 0;
    case JSON_NULL: return strcmp(type, "null") == 0;
    }
    return false;
}

static bool check_type(const json_t *root, const json_t *types, const json_t *value) {
    (void)root;
    size_t i;
    json_t *type;
    if (json_is_string(types))
        return has_type(value, json_string_value(types));
    json_array_foreach(types, i, type) {
        if (has_type(value, json_string_value(type)))
            return true;
    }
    return false;
}

static bool check_required(const json_t *root, const json_t *names, const json_t *value) {
    (void)root;
    size_t i;
    json_t *name;
    json_array_foreach(names, i, name) {
        if (json_is_object(value) && !json_object_get(value, json_string_value(name)))
            return false;
    }
    return true;
}

static bool check_properties(const json_t *root, const json_t *schemas, const json_t *value) {
    const char *name;
    json_t *schema;
    json_object_foreach((json_t *)schemas, name, schema) {
        const json_t *member = json_object_get(value, name);
        if (member && !valid(root, schema, member))
            return false;
    }
    return true;
}

static bool check_items(const json_t *root, const json_t *schema, const json_t *value) {
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) {
        if (!valid(root, schema, item))
            return false;
    }
    return true;
}

static bool check_enum(const json_t *root, const json_t *allowed, const json_t *value) {
    (void)root;
    size_t i;
    json_t *one;
    json_array_foreach(allowed, i, one) {
        if (json_equal(one, value))
            return true;
    }
    return false;
}

static bool check_const(const json_t *root, const json_t *wanted, const json_t *value) {
    (void)root;
    return json_equal(wanted, value);
}

static bool check_minimum(const json_t *root, const json_t *least, const json_t *value) {
    (void)root;
    return !json_is_number(value) || json_number_value(value) >= json_number_value(least);
}

static bool check_all_of(const json_t *root, const json_t *schemas, const json_t *value) {
    size_t i;
    json_t *schema;
    json_array_foreach(schemas, i, schema) {
        if (!valid(root, schema, value))
            return false;
    }
    return true;
}

static bool check_ref(const json_t *root, const json_t *ref, const json_t *value) {
    static const char local[] = "#/$defs/";
    const char *path = json_string_value(ref);
    if (strncmp(path, local, sizeof local - 1) == 0) {
        json_t *schema = json_object_get(json_object_get(root, "$defs"), path + sizeof local - 1);
        assert_non_null(schema);
        return valid(root, schema, value);
    }
    json_t *other = load(path);
    bool is_valid = valid(other, other, value);
    json_decref(other);
    return is_valid;
}

static bool check_nothing(const json_t *root, const json_t *words, const json_t *value) {
    (void)root, (void)words, (void)value;
    return true;
}

static const struct {
    const char *name;
    bool (*check)(const json_t *root, const json_t *operand, const json_t *value);
} keywords[] = {
    {"$schema", check_nothing},     {"$id", check_nothing},
    {"$defs", check_nothing},       {"title", check_nothing},
    {"description", check_nothing}, {"if", check_nothing},
    {"then", check_nothing},        {"type", check_type},
    {"required", check_required},   {"properties", check_properties},
    {"items", check_items},         {"enum", check_enum},
    {"const", check_const},         {"minimum", check_minimum},
    {"allOf", check_all_of},        {"$ref", check_ref},
};

static bool check_keyword(const json_t *root, const char *name, const json_t *operand,
                          const json_t *value) {
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(keywords[i].name, name) == 0)
            return keywords[i].check(root, operand, value);
    fail_msg("a schema uses \"%s\", which this test does not know", name);
    return false;
}

static bool valid(const json_t *root, const json_t *schema, const json_t *value) {
    const json_t *condition = json_object_get(schema, "if"), *operand;
    const char *name;
    if (condition && valid(root, condition, value) &&
        !valid(root, json_object_get(schema, "then"), value))
        return false;
    json_object_foreach((json_t *)schema, name, operand) {
        if (!check_keyword(root, name, operand, value))
            return false;
    }
    return true;
}

/* --- the table and the schema ------------------------------------------------------------------- */

static const char *const type_of_kind[] = {
    [MEMBER_INT] = "integer", [MEMBER_REAL] = "number", [MEMBER_BOOL] = "boolean",
    [MEMBER_TEXT] = "string", [MEMBER_LIST] = "array",  [MEMBER_OBJECT] = "object",
};

static const struct event_member *member_of(const struct event_form *form, size_t i) {
    return i < EVENT_MEMBERS_MAX && form->members[i].name ? &form->members[i] : NULL;
}

static bool lists(const json_t *list, const char *text) {
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

static void compare_member(const struct event_form *form, const struct event_member *member,
                           const json_t *def) {
    const json_t *schema = json_object_get(json_object_get(def, "properties"), member->name);
    if (!schema)
        fail_msg("the schema has no member %s.%s", form->name, member->name);
    if (lists(json_object_get(def, "required"), member->name) != member->required)
        fail_msg("%s.%s is required in one of the two only", form->name, member->name);
    const json_t *type = json_object_get(schema, "type");
    if (member->kind == MEMBER_ANY) {
        assert_null(type);
        return;
    }
    const char *wanted = type_of_kind[member->kind];
    bool same = member->nullable
                    ? json_array_size(type) == 2 && lists(type, wanted) && lists(type, "null")
                    : json_is_string(type) && strcmp(json_string_value(type), wanted) == 0;
    if (!same)
        fail_msg("%s.%s: the schema's type is not the table's", form->name, member->name);
}

static void every_type_has_its_form_in_the_schema(void **state) {
    (void)state;
    json_t *schema = load("events.schema.json"), *defs = json_object_get(schema, "$defs");
    assert_int_equal(json_object_size(defs), EVENT_TYPE_COUNT);
    assert_int_equal(json_array_size(json_object_get(schema, "allOf")), EVENT_TYPE_COUNT);
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct event_form *form = event_form((enum event_type)type);
        const json_t *def = json_object_get(defs, form->name);
        if (!def)
            fail_msg("the schema has no $defs/%s", form->name);
        size_t count = 0;
        for (; member_of(form, count); count++)
            compare_member(form, member_of(form, count), def);
        if (json_object_size(json_object_get(def, "properties")) != count)
            fail_msg("the schema has members of %s that the table lacks", form->name);
    }
    json_decref(schema);
}

static void assert_described(const char *name, const json_t *def) {
    const char *member;
    json_t *schema;
    if (!*event_text(def, "description", ""))
        fail_msg("%s has no description", name);
    json_object_foreach(json_object_get(def, "properties"), member, schema) {
        if (!*event_text(schema, "description", ""))
            fail_msg("%s.%s has no description", name, member);
    }
}

static void every_member_is_described(void **state) {
    (void)state;
    json_t *events = load("events.schema.json"), *result = load("result.schema.json"), *def;
    const char *name;
    json_object_foreach(json_object_get(events, "$defs"), name, def) assert_described(name, def);
    assert_described("event", events);
    assert_described("result", result);
    json_t *check =
        json_object_get(json_object_get(json_object_get(result, "properties"), "checks"), "items");
    json_object_set_new(check, "description", json_string("an item"));
    assert_described("check", check);
    json_decref(events);
    json_decref(result);
}

static void outcomes_are_those_of_the_table(void **state) {
    (void)state;
    json_t *schema = load("result.schema.json");
    const json_t *names =
        json_object_get(json_object_get(json_object_get(schema, "properties"), "outcome"), "enum");
    assert_int_equal(json_array_size(names), OUTCOME_COUNT);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_true(lists(names, outcome_name((enum outcome)i)));
    json_decref(schema);
}

/* --- samples ------------------------------------------------------------------------------------ */

/* A value that fits: the schema's own choice where it allows few. */
static json_t *sample_value(const struct event_member *member, const json_t *schema) {
    json_t *choice = json_object_get(schema, "const");
    if (!choice)
        choice = json_array_get(json_object_get(schema, "enum"), 0);
    if (choice)
        return json_incref(choice);
    switch (member->kind) {
    case MEMBER_INT: return json_integer(1);
    case MEMBER_REAL: return json_real(1.5);
    case MEMBER_BOOL: return json_true();
    case MEMBER_TEXT: return json_string("text");
    case MEMBER_LIST: return json_array();
    case MEMBER_OBJECT: return json_object();
    case MEMBER_ANY: return json_pack("[i]", 1);
    }
    return NULL;
}

static json_t *sample_result(void) {
    struct result_builder *builder = result_builder_new();
    return result_builder_finish(builder);
}

static json_t *sample(const json_t *schema, const struct event_form *form) {
    json_t *event = json_pack("{s:i, s:i, s:s}", "seq", 1, "t_ns", 0, "type", form->name);
    const json_t *def = json_object_get(json_object_get(schema, "$defs"), form->name);
    for (size_t i = 0; member_of(form, i); i++) {
        const struct event_member *member = member_of(form, i);
        const json_t *property = json_object_get(json_object_get(def, "properties"), member->name);
        json_t *value =
            strcmp(member->name, "result") == 0 ? sample_result() : sample_value(member, property);
        json_object_set_new(event, member->name, value);
    }
    return event;
}

static void assert_both(const json_t *schema, const json_t *event, bool wanted, const char *what) {
    struct err err = {0};
    const char *type = event_text(event, "type", "");
    if ((event_validate(event, &err) == 0) != wanted)
        fail_msg("%s, %s: event_validate does not agree (%s)", type, what, err.text);
    if (valid(schema, schema, event) != wanted)
        fail_msg("%s, %s: the schema does not agree", type, what);
}

static void try_member(const json_t *schema, json_t *event, const struct event_member *member) {
    json_t *good = json_incref(json_object_get(event, member->name));
    if (member->kind != MEMBER_ANY) {
        json_object_set_new(event, member->name,
                            member->kind == MEMBER_OBJECT ? json_integer(1) : json_object());
        assert_both(schema, event, false, member->name);
    }
    if (member->kind != MEMBER_ANY || member->nullable) {
        json_object_set_new(event, member->name, json_null());
        assert_both(schema, event, member->nullable, member->name);
    }
    json_object_del(event, member->name);
    assert_both(schema, event, !member->required, member->name);
    json_object_set_new(event, member->name, good);
}

static void schema_and_validator_agree_on_every_member(void **state) {
    (void)state;
    json_t *schema = load("events.schema.json");
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct event_form *form = event_form((enum event_type)type);
        json_t *event = sample(schema, form);
        assert_both(schema, event, true, "whole");
        for (size_t i = 0; member_of(form, i); i++)
            try_member(schema, event, member_of(form, i));
        json_object_set_new(event, "unknown_member", json_true());
        assert_both(schema, event, true, "with a member of a newer version");
        json_decref(event);
    }
    json_t *newer = json_pack("{s:i, s:i, s:s}", "seq", 1, "t_ns", 0, "type", "of_tomorrow");
    assert_both(schema, newer, true, "of a newer version");
    json_decref(newer);
    json_decref(schema);
}

struct fixture {
    json_t *events_schema;
    struct result_builder *builder;
    size_t count;
};

static void check_event(void *ctx, json_t *event, const char *error) {
    struct fixture *fixture = ctx;
    if (!event)
        fail_msg("%s", error);
    if (!valid(fixture->events_schema, fixture->events_schema, event))
        fail_msg("event %zu (%s) is not valid", fixture->count + 1, event_text(event, "type", ""));
    assert_int_equal(event_seq(event), ++fixture->count);
    result_builder_observe(fixture->builder, event);
}

static void saved_runs_and_their_results_are_valid(void **state) {
    (void)state;
    static const char *const names[] = {"passed",  "failed",     "build-failed",
                                        "crashed", "not-graded", "stopped"};
    json_t *result_schema = load("result.schema.json");
    struct fixture fixture = {.events_schema = load("events.schema.json")};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        struct buf lines = {0};
        snprintf(path, sizeof path, "checker/tests/report/%s.ndjson", names[i]);
        assert_int_equal(file_read(case_source(path), &lines, 1 << 20, NULL), 0);
        fixture.builder = result_builder_new();
        fixture.count = 0;
        struct reader reader = {.fn = check_event, .ctx = &fixture};
        reader_feed(&reader, lines.data, lines.length);
        reader_release(&reader);
        json_t *result = result_builder_finish(fixture.builder);
        if (!valid(result_schema, result_schema, result))
            fail_msg("the result of %s is not valid", names[i]);
        json_decref(result);
        buf_release(&lines);
    }
    json_decref(result_schema);
    json_decref(fixture.events_schema);
}

static void the_result_has_the_members_of_its_schema_in_its_order(void **state) {
    (void)state;
    json_t *schema = load("result.schema.json"), *result = sample_result(), *value;
    const json_t *required = json_object_get(schema, "required");
    const char *name;
    size_t i = 0;
    json_object_foreach(result, name, value) {
        assert_string_equal(name, json_string_value(json_array_get(required, i)));
        i++;
    }
    assert_int_equal(i, json_array_size(required));
    json_decref(schema);
    json_decref(result);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_type_has_its_form_in_the_schema),
    cmocka_unit_test(every_member_is_described),
    cmocka_unit_test(outcomes_are_those_of_the_table),
    cmocka_unit_test(schema_and_validator_agree_on_every_member),
    cmocka_unit_test(saved_runs_and_their_results_are_valid),
    cmocka_unit_test(the_result_has_the_members_of_its_schema_in_its_order),
};

CASES_MAIN(cases)
