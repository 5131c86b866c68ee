#include "exercise/form.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

enum { FIELDS_MOST = 32, SHOWN_MOST = 60 };

/* --- mistakes --------------------------------------------------------------------------------- */

static void append_place(struct buf *into, const struct place *place) {
    if (!place || !place->up)
        return;
    append_place(into, place->up);
    if (!place->name) {
        buf_printf(into, "/%zu", place->index);
        return;
    }
    buf_putc(into, '/');
    for (const char *at = place->name; *at; at++) {
        if (*at == '~' || *at == '/')
            buf_puts(into, *at == '~' ? "~0" : "~1");
        else
            text_append_printable(into, at, 1, false);
    }
}

static void add_fault(struct reading *reading, const struct place *place, const char *format,
                      va_list args) {
    struct buf pointer = {0};
    append_place(&pointer, place);
    if (reading->fault_count++)
        buf_putc(&reading->faults, '\n');
    buf_puts(&reading->faults, reading->file);
    if (place && reading->text)
        buf_printf(&reading->faults, ":%d",
                   pointer_line(reading->text, pointer.length ? pointer.data : ""));
    buf_puts(&reading->faults, ": ");
    if (pointer.length)
        buf_printf(&reading->faults, "%s: ", pointer.data);
    buf_vprintf(&reading->faults, format, args);
    buf_release(&pointer);
}

void reading_fault(struct reading *reading, const struct place *place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_fault(reading, place, format, args);
    va_end(args);
}

void reading_fault_file(struct reading *reading, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_fault(reading, NULL, format, args);
    va_end(args);
}

int reading_tell(const struct reading *reading, struct err *err) {
    static const char more[] = "\n(and more)";
    if (!reading->fault_count)
        return 0;
    size_t room = ERR_TEXT_SIZE - sizeof more, length = reading->faults.length;
    if (length < room)
        return err_set(err, EINVAL, "%s", reading->faults.data);
    const char *cut = memrchr(reading->faults.data, '\n', room);
    length = cut ? (size_t)(cut - reading->faults.data) : room;
    return err_set(err, EINVAL, "%.*s%s", (int)length, reading->faults.data, more);
}

void *reading_alloc(struct reading *reading, size_t count, size_t size_bytes) {
    GROW(reading->blocks, reading->block_capacity, reading->block_count + 1);
    return reading->blocks[reading->block_count++] = xcalloc(count, size_bytes);
}

void reading_release(struct reading *reading) {
    for (size_t i = 0; i < reading->block_count; i++)
        free(reading->blocks[i]);
    free(reading->blocks);
    buf_release(&reading->faults);
    *reading = (struct reading){0};
}

/* --- one value -------------------------------------------------------------------------------- */

/* A value as the author wrote it, shortened. */
static void append_value(struct buf *into, const json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    size_t length = text ? strlen(text) : 0;
    text_append_printable(into, text ? text : "?", length < SHOWN_MOST ? length : SHOWN_MOST,
                          false);
    if (length > SHOWN_MOST)
        buf_puts(into, "...");
    free(text);
}

static void append_kind(struct buf *into, const struct field *field) {
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_AMOUNT:
        buf_printf(into, "a whole number from %.0f to %.0f", field->least, field->most);
        break;
    case FIELD_NUMBER:
        buf_printf(into, "a number above %g", field->least);
        if (field->most > 0)
            buf_printf(into, ", up to %g", field->most);
        break;
    case FIELD_TEXT: buf_puts(into, "a text that is not empty"); break;
    case FIELD_TEXTS:
        buf_puts(into, field->required ? "a list of texts, at least one" : "a list of texts");
        break;
    case FIELD_OBJECT: buf_puts(into, "an object"); break;
    case FIELD_LIST: buf_puts(into, "a list of objects, at least one"); break;
    case FIELD_IGNORED: break;
    }
}

static void refuse_as(struct reading *reading, const struct field *field, const char *wanted,
                      const json_t *value, const struct place *place) {
    struct buf shown = {0};
    append_value(&shown, value);
    reading_fault(reading, place, "must be %s (is %s); write \"%s\": %s", wanted, shown.data,
                  field->name, field->example);
    buf_release(&shown);
}

static void refuse(struct reading *reading, const struct field *field, const json_t *value,
                   const struct place *place) {
    struct buf words = {0};
    append_kind(&words, field);
    refuse_as(reading, field, words.data, value, place);
    buf_release(&words);
}

static bool is_text(const json_t *value) {
    return json_is_string(value) && json_string_length(value) > 0 &&
           strlen(json_string_value(value)) == json_string_length(value);
}

static bool is_in_bounds(const json_t *value, const struct field *field) {
    double number = json_number_value(value);
    if (field->kind == FIELD_NUMBER)
        return json_is_number(value) && number > field->least &&
               (field->most <= 0 || number <= field->most);
    return json_is_integer(value) && number >= field->least && number <= field->most;
}

static bool follows_rule(struct reading *reading, const struct field *field, const json_t *value,
                         const struct place *place) {
    const char *wanted = field->rule ? field->rule(json_string_value(value)) : NULL;
    if (wanted)
        refuse_as(reading, field, wanted, value, place);
    return !wanted;
}

static void read_texts(struct reading *reading, const struct field *field, const json_t *value,
                       const struct place *place, const char *const **into) {
    size_t count = json_array_size(value);
    const char **texts = reading_alloc(reading, count + 1, sizeof *texts);
    *into = texts;
    if (!json_is_array(value) || (field->required && !count)) {
        refuse(reading, field, value, place);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *element = json_array_get(value, i);
        struct place here = {place, NULL, i};
        texts[i] = is_text(element) ? json_string_value(element) : "";
        if (!is_text(element))
            refuse_as(reading, field, "a text that is not empty", element, &here);
        else
            follows_rule(reading, field, element, &here);
    }
}

static void read_list(struct reading *reading, const struct field *field, const json_t *value,
                      const struct place *place, char *into) {
    size_t count = json_array_size(value), size = field->form->size;
    if (!count) {
        refuse(reading, field, value, place);
        return;
    }
    char *elements = reading_alloc(reading, count, size);
    for (size_t i = 0; i < count; i++) {
        struct place here = {place, NULL, i};
        const json_t *element = json_array_get(value, i);
        if (json_is_object(element))
            form_read(reading, field->form, element, &here, elements + i * size);
        else
            refuse_as(reading, field, "an object", element, &here);
    }
    *(void **)(into + field->offset) = elements;
    *(size_t *)(into + field->count_offset) = count;
}

static void read_field(struct reading *reading, const struct field *field, const json_t *value,
                       const struct place *place, char *into) {
    char *target = into + field->offset;
    bool right = true;
    switch (field->kind) {
    case FIELD_TEXT:
        right = is_text(value);
        if (right && follows_rule(reading, field, value, place))
            *(const char **)target = json_string_value(value);
        break;
    case FIELD_INT:
        if ((right = is_in_bounds(value, field)))
            *(int *)target = (int)json_integer_value(value);
        break;
    case FIELD_AMOUNT:
        if ((right = is_in_bounds(value, field)))
            *(int64_t *)target = json_integer_value(value) * field->unit;
        break;
    case FIELD_NUMBER:
        if ((right = is_in_bounds(value, field)))
            *(double *)target = json_number_value(value);
        break;
    case FIELD_TEXTS: read_texts(reading, field, value, place, (const char *const **)target); break;
    case FIELD_OBJECT:
        if ((right = json_is_object(value)))
            form_read(reading, field->form, value, place, target);
        break;
    case FIELD_LIST: read_list(reading, field, value, place, into); break;
    case FIELD_IGNORED: break;
    }
    if (!right)
        refuse(reading, field, value, place);
}

/* --- an object -------------------------------------------------------------------------------- */

static const struct field *find_field(const struct form *form, const char *name) {
    for (const struct field *field = form->fields; field->name; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

static void tell_unknown(struct reading *reading, const struct form *form, const char *name,
                         const struct place *place) {
    const char *names[FIELDS_MOST + 1] = {0};
    struct buf words = {0};
    for (size_t i = 0; i < FIELDS_MOST && form->fields[i].name; i++) {
        names[i] = form->fields[i].name;
        buf_printf(&words, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = nearest_name(name, names);
    if (near)
        reading_fault(reading, place, "this member is unknown; did you mean \"%s\"?", near);
    else
        reading_fault(reading, place, "this member is unknown; there are %s", words.data);
    buf_release(&words);
}

void form_read(struct reading *reading, const struct form *form, const json_t *value,
               const struct place *place, void *into) {
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) {
        const struct field *field = find_field(form, name);
        struct place here = {place, name, 0};
        if (field)
            read_field(reading, field, member, &here, into);
        else if (!form->open)
            tell_unknown(reading, form, name, &here);
    }
    for (const struct field *field = form->fields; field->name; field++)
        if (field->required && !json_object_get(value, field->name))
            reading_fault(reading, place, "lacks \"%s\"; write \"%s\": %s", field->name,
                          field->name, field->example);
    if (form->keeps_whole)
        *(const json_t **)((char *)into + form->whole_offset) = value;
}
