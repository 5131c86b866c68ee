#include "build/sanitizer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"

static const char address_error[] = "ERROR: AddressSanitizer: ";
static const char undefined_error[] = ": runtime error: ";
static const char last_words[] = "==ABORTING";
static const char work_folder[] = "/work/";

enum { WORDS_MOST = 300, NAME_MOST = 200 };

static const struct {
    const char *kind, *what;
} kinds[] = {
    {"heap-buffer-overflow", "it leaves the bounds of a block from malloc()"},
    {"heap-use-after-free", "it uses memory that has been freed"},
    {"stack-buffer-overflow", "it leaves the bounds of an array on the stack"},
    {"stack-buffer-underflow", "it leaves the bounds of an array on the stack"},
    {"dynamic-stack-buffer-overflow", "it leaves the bounds of an array on the stack"},
    {"global-buffer-overflow", "it leaves the bounds of a global array"},
    {"stack-use-after-return", "it uses a local variable of a function that has returned"},
    {"stack-use-after-scope", "it uses a local variable outside of its block"},
    {"stack-overflow", "the stack is full: a recursion without end, or a huge local array"},
    {"attempting double-free", "it frees a block twice"},
    {"attempting free", "it frees what malloc() has not given"},
    {"alloc-dealloc-mismatch", "it frees a block in another way than it was got"},
    {"negative-size-param", "it passes a negative size"},
    {"memcpy-param-overlap", "it copies memory onto itself"},
    {"ABRT", "it calls abort(), as assert() does"},
    {"FPE", "it divides a whole number by zero"},
    {"BUS", "it uses a part of a file or of memory that is not there"},
    {"ILL", "it runs into an instruction that there is not"},
};

struct text { /* a piece of the report; not ended by NUL */
    const char *at;
    size_t length;
};

static bool take_line(struct text *rest, struct text *line) {
    if (!rest->length)
        return false;
    const char *end = memchr(rest->at, '\n', rest->length);
    size_t length = end ? (size_t)(end - rest->at) : rest->length;
    *line = (struct text){rest->at, length};
    rest->at += length + (end != NULL);
    rest->length -= length + (end != NULL);
    return true;
}

/* What follows the words; false if the text lacks them. */
static bool after(struct text text, const char *words, struct text *rest) {
    const char *found = memmem(text.at, text.length, words, strlen(words));
    if (!found)
        return false;
    found += strlen(words);
    *rest = (struct text){found, text.length - (size_t)(found - text.at)};
    return true;
}

static bool begins(struct text text, const char *words) {
    return text.length >= strlen(words) && memcmp(text.at, words, strlen(words)) == 0;
}

static json_t *words_of(struct text text, size_t most) {
    struct buf words = {0};
    text_append_utf8(&words, text.at, text.length < most ? text.length : most);
    json_t *value = json_stringn(words.data ? words.data : "", words.length);
    buf_release(&words);
    return value;
}

/* --- stacks ----------------------------------------------------------------------------------- */

/* "FILE:LINE" or "FILE:LINE:COLUMN"; false where it is none. */
static bool take_place(struct text text, struct text *file, int64_t *line) {
    size_t end = text.length;
    int64_t numbers[2] = {0};
    int count = 0;
    while (count < 2) {
        size_t at = end;
        while (at && isdigit((unsigned char)text.at[at - 1]))
            at--;
        if (at == end || end - at > 9 || !at || text.at[at - 1] != ':')
            break;
        for (size_t i = at; i < end; i++)
            numbers[count] = numbers[count] * 10 + (text.at[i] - '0');
        count++;
        end = at - 1;
    }
    *line = numbers[count ? count - 1 : 0];
    *file = (struct text){text.at, end};
    return count && end;
}

/* "    #1 0x55d1 in main /work/app.c:12:3". A file's name may hold blanks, a function's may not. */
static json_t *read_call(struct text line) {
    struct text rest, file;
    int64_t number = 0;
    while (line.length && *line.at == ' ')
        line.at++, line.length--;
    if (!begins(line, "#") || !after(line, " in ", &rest))
        return NULL;
    const char *blank = memchr(rest.at, ' ', rest.length);
    struct text function = {rest.at, blank ? (size_t)(blank - rest.at) : rest.length};
    json_t *call = json_pack("{s:o}", "function", words_of(function, NAME_MOST));
    struct text place = {function.at + function.length, rest.length - function.length};
    while (place.length && *place.at == ' ')
        place.at++, place.length--;
    if (!take_place(place, &file, &number))
        return call;
    bool own = begins(file, work_folder);
    if (own)
        file.at += strlen(work_folder), file.length -= strlen(work_folder);
    json_object_set_new(call, "file", words_of(file, NAME_MOST));
    json_object_set_new(call, "line", json_integer(number));
    json_object_set_new(call, "own", json_boolean(own));
    return call;
}

/* The first block of calls from here on. */
static json_t *read_stack(struct text rest) {
    json_t *stack = json_array();
    for (struct text line; take_line(&rest, &line);) {
        json_t *call = read_call(line);
        if (!call && json_array_size(stack))
            break;
        if (call && json_array_size(stack) < STACK_MOST)
            json_array_append(stack, call);
        json_decref(call);
    }
    return stack;
}

static void set_place(json_t *fault, const json_t *stack) {
    static const char *const members[] = {"function", "file", "line"};
    size_t index;
    json_t *call;
    json_array_foreach(stack, index, call) {
        if (!json_is_true(json_object_get(call, "own")))
            continue;
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            json_object_set(fault, members[i], json_object_get(call, members[i]));
        return;
    }
}

/* --- faults ----------------------------------------------------------------------------------- */

/* "SEGV on unknown address 0x000000000010 (pc ...": near 0 it was a null pointer. */
static const char *words_of_segv(struct text error, struct text rest) {
    enum { NEAR = 1 << 16 };
    struct text address, unused;
    bool near = false;
    if (after(error, "unknown address 0x", &address)) {
        char digits[20] = "";
        memcpy(digits, address.at, address.length < 19 ? address.length : 19);
        near = strtoull(digits, NULL, 16) < NEAR;
    }
    if (rest.length > 400)
        rest.length = 400;
    bool writes = after(rest, "caused by a WRITE", &unused);
    if (near)
        return writes ? "it writes through a null pointer" : "it reads through a null pointer";
    return writes ? "it writes to memory that is not there" : "it reads memory that is not there";
}

static json_t *read_address_error(struct text error, struct text rest) {
    const char *what = NULL;
    struct text kind = error;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !what; i++)
        if (begins(error, kinds[i].kind)) {
            what = kinds[i].what;
            kind.length = strlen(kinds[i].kind);
        }
    if (begins(error, "SEGV")) {
        what = words_of_segv(error, rest);
        kind.length = strlen("SEGV");
    }
    return json_pack("{s:o, s:o}", "kind", words_of(kind, WORDS_MOST), "what",
                     what ? json_string(what) : words_of(error, WORDS_MOST));
}

static json_t *read_undefined_error(struct text line, struct text words) {
    struct text file, place = {line.at, (size_t)(words.at - line.at) - strlen(undefined_error)};
    int64_t number = 0;
    json_t *fault =
        json_pack("{s:s, s:o}", "kind", "undefined", "what", words_of(words, WORDS_MOST));
    if (take_place(place, &file, &number)) {
        if (begins(file, work_folder))
            file.at += strlen(work_folder), file.length -= strlen(work_folder);
        json_object_set_new(fault, "file", words_of(file, NAME_MOST));
        json_object_set_new(fault, "line", json_integer(number));
    }
    return fault;
}

/* What ends the process comes first: the behaviour that is undefined may have been of no consequence. */
json_t *sanitizer_read(const char *text, size_t length) {
    struct text rest = {text, length}, line, words;
    json_t *fault = NULL;
    while (!fault && take_line(&rest, &line))
        if (after(line, address_error, &words))
            fault = read_address_error(words, rest);
    if (!fault)
        rest = (struct text){text, length};
    while (!fault && take_line(&rest, &line))
        if (after(line, undefined_error, &words))
            fault = read_undefined_error(line, words);
    if (!fault)
        return NULL;
    json_t *stack = read_stack(rest);
    set_place(fault, stack);
    json_object_set_new(fault, "stack", stack);
    return fault;
}

bool sanitizer_is_over(const char *text, size_t length) {
    return memmem(text, length, last_words, strlen(last_words)) != NULL;
}
