/* From a JSON pointer to a line of the file. The parser forgets where its values stood, and mistakes are
 * rare, so the text is walked again then. It is known to be well-formed. */
#include <stdlib.h>
#include <string.h>

#include "exercise/form.h"

static const char *skip_blank(const char *at) { return at + strspn(at, " \t\r\n"); }

static const char *skip_string(const char *at) {
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

static const char *skip_value(const char *at) {
    int depth = 0;
    do {
        at = skip_blank(at);
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++, at++;
        } else if (*at == '}' || *at == ']') {
            depth--, at++;
        } else if (*at == ',' || *at == ':') {
            at++;
        } else if (*at) {
            at += strcspn(at, " \t\r\n,:]}");
        }
    } while (depth > 0 && *at);
    return at;
}

/* One step of a pointer, up to its end or the next '/', against a name in the text, quotes and all. */
static bool is_name(const char *quoted, const char *step) {
    const char *at = quoted + 1;
    for (; *step && *step != '/'; step++, at++) {
        char wanted = *step;
        if (wanted == '~' && (step[1] == '0' || step[1] == '1'))
            wanted = *++step == '0' ? '~' : '/';
        if (*at != wanted)
            return false;
    }
    return *at == '"';
}

static const char *find_member(const char *at, const char *step) {
    for (at = skip_blank(at + 1); *at == '"'; at = skip_blank(at)) {
        const char *value = skip_blank(skip_string(at));
        value = skip_blank(value + (*value == ':'));
        if (is_name(at, step))
            return value;
        at = skip_blank(skip_value(value));
        if (*at == ',')
            at++;
    }
    return NULL;
}

static const char *find_element(const char *at, const char *step) {
    unsigned long index = strtoul(step, NULL, 10);
    at = skip_blank(at + 1);
    for (; index > 0; index--) {
        if (!*at || *at == ']')
            return NULL;
        at = skip_blank(skip_value(at));
        if (*at == ',')
            at = skip_blank(at + 1);
    }
    return *at && *at != ']' ? at : NULL;
}

int pointer_line(const char *text, const char *pointer) {
    const char *value = skip_blank(text);
    while (*pointer == '/') {
        pointer++;
        const char *inner = *value == '{'   ? find_member(value, pointer)
                            : *value == '[' ? find_element(value, pointer)
                                            : NULL;
        if (!inner)
            break;
        value = inner;
        pointer += strcspn(pointer, "/");
    }
    int line = 1;
    for (const char *at = text; at < value; at++)
        line += *at == '\n';
    return line;
}
