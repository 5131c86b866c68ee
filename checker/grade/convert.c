#include "grade/convert.h"

#include <math.h>

static jv from_array(const json_t *value) {
    jv array = jv_array_sized((int)json_array_size(value));
    size_t index;
    json_t *element;
    json_array_foreach(value, index, element) array = jv_array_append(array, jv_from_json(element));
    return array;
}

static jv from_object(const json_t *value) {
    jv object = jv_object();
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) object =
        jv_object_set(object, jv_string(name), jv_from_json(member));
    return object;
}

jv jv_from_json(const json_t *value) {
    if (!value)
        return jv_null();
    switch (json_typeof(value)) {
    case JSON_OBJECT: return from_object(value);
    case JSON_ARRAY: return from_array(value);
    case JSON_STRING:
        return jv_string_sized(json_string_value(value), (int)json_string_length(value));
    case JSON_INTEGER:
    case JSON_REAL: return jv_number(json_number_value(value));
    case JSON_TRUE: return jv_true();
    case JSON_FALSE: return jv_false();
    default: return jv_null();
    }
}

static json_t *to_number(double number) {
    const double most = 9007199254740992.0; /* 2^53: beyond, a double is no longer every integer */
    if (floor(number) == number && fabs(number) <= most)
        return json_integer((json_int_t)number);
    json_t *real = json_real(number); /* NULL for what JSON cannot say */
    return real ? real : json_null();
}

static json_t *to_array(jv value) {
    json_t *array = json_array();
    jv_array_foreach(value, index, element) { json_array_append_new(array, json_from_jv(element)); }
    return array;
}

static json_t *to_object(jv value) {
    json_t *object = json_object();
    jv_object_foreach(value, key, member) {
        json_object_set_new(object, jv_string_value(key), json_from_jv(member));
        jv_free(key);
    }
    return object;
}

json_t *json_from_jv(jv value) {
    json_t *result;
    switch (jv_get_kind(value)) {
    case JV_KIND_OBJECT: result = to_object(value); break;
    case JV_KIND_ARRAY: result = to_array(value); break;
    case JV_KIND_STRING:
        result =
            json_stringn(jv_string_value(value), (size_t)jv_string_length_bytes(jv_copy(value)));
        break;
    case JV_KIND_NUMBER: result = to_number(jv_number_value(value)); break;
    case JV_KIND_TRUE: result = json_true(); break;
    case JV_KIND_FALSE: result = json_false(); break;
    default: result = json_null(); break;
    }
    jv_free(value);
    return result;
}
