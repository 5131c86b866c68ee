/* JSON read by tables: each member's kind, bounds, place in a struct, and an example for the remedy.
 *
 *     struct reading reading = {.file = "exercises/stats/exercise.json", .text = text};
 *     form_read(&reading, &form, root, &place, into);
 *     if (reading.fault_count) reading_tell(&reading, err);
 *     reading_release(&reading);      // and with it every list that was read
 *
 * All mistakes are gathered, not only the first. Texts in the struct belong to the JSON value, lists to
 * the reading.
 */
#ifndef BRIGADE_EXERCISE_FORM_H
#define BRIGADE_EXERCISE_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct place {              /* where in the JSON we are; lives on the stack of those who walk */
    const struct place *up; /* NULL: the root */
    const char *name;       /* of a member; NULL: an element */
    size_t index;
};

struct reading {      /* visible, because callers place it */
    const char *file; /* as mistakes name it */
    const char *text; /* of the file, for line numbers; NULL: none */
    struct buf faults;
    size_t fault_count;
    void **blocks;
    size_t block_count, block_capacity;
};

enum field_kind {
    FIELD_TEXT,    /* const char * */
    FIELD_INT,     /* int, within least and most */
    FIELD_AMOUNT,  /* int64_t, times unit; within least and most */
    FIELD_NUMBER,  /* double, above least, up to most */
    FIELD_TEXTS,   /* const char *const *, ended by NULL */
    FIELD_OBJECT,  /* the struct of `form` itself */
    FIELD_LIST,    /* a pointer to the elements' structs; their number at count_offset */
    FIELD_IGNORED, /* may be there, means nothing to us */
};

/* NULL if the text will do, else what it must be: "a file name without folders". */
typedef const char *text_rule(const char *text);

struct form;

struct field {
    const char *name; /* NULL ends a list */
    enum field_kind kind;
    bool required;
    const char *example; /* JSON, for the remedy */
    size_t offset, count_offset;
    double least, most;
    int64_t unit;
    text_rule *rule; /* of a text, or of each of the texts; NULL: not empty */
    const struct form *form;
};

struct form {
    const struct field *fields;
    size_t size;      /* of the struct */
    bool open;        /* further members are nobody's mistake here */
    bool keeps_whole; /* the struct has a const json_t * at whole_offset */
    size_t whole_offset;
};

/* Reads what it can into `into` (zeroed by the caller); mistakes go to the reading. */
void form_read(struct reading *reading, const struct form *form, const json_t *value,
               const struct place *place, void *into);

/* Memory that lives as long as the reading; zeroed. */
void *reading_alloc(struct reading *reading, size_t count, size_t size_bytes);
void reading_fault(struct reading *reading, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A fault of the file as a whole: no place in it. */
void reading_fault_file(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* All faults, a line each, as many as fit; -EINVAL, or 0 if there are none. */
int reading_tell(const struct reading *reading, struct err *err);
void reading_release(struct reading *reading);

/* The line, from 1, of the value at a JSON pointer (RFC 6901) in well-formed JSON text, or of the nearest
 * value around it. */
int pointer_line(const char *text, const char *pointer);

/* Of `names` (ended by NULL), the one that `name` is most likely a slip of; NULL: none is near. */
const char *nearest_name(const char *name, const char *const *names);

#endif
