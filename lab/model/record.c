#include "model/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"

/* --- the arena --- */

enum { BLOCK_SIZE = 64 << 10 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    char bytes[];
};

const char *arena_add(struct arena *arena, const char *text, size_t bytes) {
    struct arena_block *block = arena->blocks;
    if (!bytes)
        return "";
    if (!block || block->size - block->used < bytes + 1) {
        size_t size = bytes + 1 > BLOCK_SIZE / 4 ? bytes + 1 : BLOCK_SIZE;
        block = xmalloc(sizeof *block + size);
        *block = (struct arena_block){.next = arena->blocks, .size = size};
        arena->blocks = block;
        arena->size_bytes += sizeof *block + size;
    }
    char *at = block->bytes + block->used;
    memcpy(at, text, bytes);
    at[bytes] = '\0';
    block->used += bytes + 1;
    return at;
}

void arena_release(struct arena *arena) {
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){0};
}

/* --- words --- */

static size_t take(const char *text, size_t length, size_t most) {
    size_t taken = length < most ? length : most;
    while (taken < length && taken && ((unsigned char)text[taken] & 0xc0) == 0x80)
        taken--; /* never half a character */
    return taken;
}

static void append_printable(struct buf *into, const char *text, size_t most, bool keep_newlines) {
    size_t length = strlen(text), taken = take(text, length, most);
    text_append_printable(into, text, taken, keep_newlines);
    if (taken < length)
        buf_puts(into, " ...");
}

char *record_printable(const char *text, size_t most, bool keep_newlines) {
    struct buf clean = {0};
    append_printable(&clean, text, most, keep_newlines);
    return buf_steal(&clean);
}

char *record_words(const json_t *value, size_t most) {
    if (!value || json_is_null(value))
        return NULL;
    if (json_is_string(value))
        return record_printable(json_string_value(value), most, true);
    char *json = json_dumps(value, JSON_ENCODE_ANY);
    char *words = record_printable(json ? json : "", most, true);
    free(json);
    return words;
}

/* --- events, by type --- */

struct making {
    const json_t *event;
    struct record *record;
    struct arena *arena;
};

static bool is_plain(const char *text, bool keep_newlines) {
    for (; *text; text++)
        if ((*text < 0x20 || *text > 0x7e) && !(keep_newlines && *text == '\n'))
            return false;
    return true;
}

static void keep(const struct making *making, const char *text, size_t most, bool keep_newlines) {
    size_t length = strlen(text);
    if (length <= most && is_plain(text, keep_newlines)) {
        making->record->text = arena_add(making->arena, text, length);
        return;
    }
    struct buf clean = {0};
    append_printable(&clean, text, most, keep_newlines);
    making->record->text = arena_add(making->arena, clean.data, clean.length);
    buf_release(&clean);
}

static void keep_member(const struct making *making, const char *name) {
    keep(making, event_text(making->event, name, ""), RECORD_TEXT_MAX, false);
}

static int32_t small(const json_t *event, const char *name) {
    int64_t value = event_int(event, name, 0);
    return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

static void set_flag(struct record *record, bool is, enum record_flag flag) {
    record->flags |= is ? flag : 0;
}

static bool says(const json_t *event, const char *name, const char *word) {
    return !strcmp(event_text(event, name, ""), word);
}

static int32_t microseconds(const json_t *event) {
    double us = json_number_value(json_object_get(event, "ms")) * 1000;
    return us < 0 ? 0 : us < INT32_MAX ? (int32_t)us : INT32_MAX;
}

static void make_exec(const struct making *making) {
    struct buf words = {0};
    size_t i;
    json_t *word;
    json_array_foreach(json_object_get(making->event, "argv"), i, word) {
        if (json_is_string(word) && words.length < RECORD_TEXT_MAX)
            buf_printf(&words, "%s%s", i ? " " : "", json_string_value(word));
    }
    keep(making, words.length ? words.data : event_text(making->event, "path", ""), RECORD_TEXT_MAX,
         false);
    buf_release(&words);
}

static void make_exit(const struct making *making) {
    struct record *record = making->record;
    record->number = event_int(making->event, "code", 0);
    set_flag(record, event_bool(making->event, "by_lab"), RECORD_BY_LAB);
    set_flag(record, event_bool(making->event, "at_end"), RECORD_AT_END);
    keep(making, event_text(making->event, "signal", ""), 32, false);
}

static void make_signal(const struct making *making) {
    struct record *record = making->record;
    record->pid = small(making->event, "to");
    record->other = small(making->event, "from");
    set_flag(record, event_bool(making->event, "delivered"), RECORD_DELIVERED);
    set_flag(record, says(making->event, "why", "lab"), RECORD_BY_LAB);
    set_flag(record, says(making->event, "why", "kernel"), RECORD_BY_KERNEL);
    keep(making, event_text(making->event, "signal", ""), 32, false);
}

/* Three texts, one behind the other. */
static void make_state(const struct making *making) {
    static const char *const names[] = {"state", "in", "on"};
    struct buf words = {0};
    for (size_t i = 0; i < 3; i++) {
        append_printable(&words, event_text(making->event, names[i], ""), 80, false);
        buf_putc(&words, '\0');
    }
    making->record->text = arena_add(making->arena, words.data, words.length);
    buf_release(&words);
}

static void make_message(const struct making *making) {
    const json_t *event = making->event, *value = json_object_get(event, "value");
    struct record *record = making->record;
    const json_t *count = json_object_get(value, "count");
    record->pid = small(event, "from");
    record->other = small(event, "to");
    record->extra = small(event, "message");
    record->number = json_integer_value(count);
    set_flag(record, json_is_integer(count), RECORD_COUNTS);
    set_flag(record, event_bool(event, "complete"), RECORD_WHOLE);
    set_flag(record, !strncmp(event_text(value, "cmd", ""), "NODE_", 5), RECORD_INTERNAL);
    if (!value) {
        keep_member(making, "text");
        return;
    }
    char *json = json_dumps(value, JSON_ENCODE_ANY);
    keep(making, json ? json : "", RECORD_TEXT_MAX, false);
    free(json);
}

static void make_talk(const struct making *making) { /* partial, pass */
    making->record->pid = small(making->event, "from");
    making->record->other = small(making->event, "to");
    making->record->number = event_int(making->event, "bytes", 0);
    keep_member(making, making->record->type == EVENT_PASS ? "what" : "text");
}

/* A carriage return at the end of a line is none of its text. */
static void make_output(const struct making *making) {
    const char *text = event_text(making->event, "text", "");
    struct buf lines = {0};
    making->record->number = event_int(making->event, "bytes", 0);
    set_flag(making->record, says(making->event, "stream", "stderr"), RECORD_ON_STDERR);
    if (!strchr(text, '\r')) {
        keep(making, text, RECORD_OUTPUT_MAX, true);
        return;
    }
    for (; *text; text++)
        if (*text != '\r' || (text[1] != '\n' && text[1]))
            buf_putc(&lines, *text);
    keep(making, lines.data ? lines.data : "", RECORD_OUTPUT_MAX, true);
    buf_release(&lines);
}

static void make_request(const struct making *making) {
    making->record->number = event_int(making->event, "request", 0);
    char *line = xasprintf("%s %s", event_text(making->event, "method", ""),
                           event_text(making->event, "target", ""));
    keep(making, line, 160, false);
    free(line);
}

static void make_answer(const struct making *making) { /* unanswered, too */
    making->record->number = event_int(making->event, "request", 0);
    making->record->other = small(making->event, "status");
    making->record->extra = microseconds(making->event);
    keep(making, event_text(making->event, "why", ""), 32, false);
}

static void make_fault(const struct making *making) {
    const char *detail = event_text(making->event, "detail", "");
    char *words =
        xasprintf("%s%s%s", event_text(making->event, "kind", ""), *detail ? ": " : "", detail);
    keep(making, words, RECORD_TEXT_MAX, false);
    free(words);
}

static void make_step(const struct making *making) {
    const char *title = event_text(making->event, "title", "");
    set_flag(making->record, says(making->event, "state", "begin"), RECORD_BEGINS);
    set_flag(making->record, says(making->event, "by", "user"), RECORD_BY_USER);
    keep(making, *title ? title : event_text(making->event, "do", ""), 160, false);
}

static void make_json(const struct making *making) {
    char *json = json_dumps(making->event, JSON_COMPACT);
    const char *status = event_text(making->event, "status", "");
    making->record->text = arena_add(making->arena, json ? json : "", json ? strlen(json) : 0);
    set_flag(making->record, event_bool(making->event, "final"), RECORD_FINAL);
    set_flag(making->record, !strcmp(status, "failed") || !strcmp(status, "error"), RECORD_FAILED);
    free(json);
}

/* Times are reckoned with, so what no run can have is cut. */
static int64_t sane_ns(int64_t ns) {
    static const int64_t most = INT64_C(100000000) * 1000000000;
    return ns < -most ? -most : ns > most ? most : ns;
}

static void make_members(const struct making *making) {
    const json_t *event = making->event;
    struct record *record = making->record;
    switch (record->type) {
    case EVENT_FORK:
        record->other = small(event, "parent");
        keep_member(making, "kind");
        set_flag(record, says(event, "role", "cases"), RECORD_OF_CASES);
        break;
    case EVENT_THREAD:
        record->number = event_int(event, "tid", 0);
        keep_member(making, "state");
        break;
    case EVENT_EXEC: make_exec(making); break;
    case EVENT_EXIT: make_exit(making); break;
    case EVENT_REAP:
        record->other = small(event, "by");
        keep_member(making, "how");
        break;
    case EVENT_ADOPT:
        record->other = small(event, "to");
        record->number = event_int(event, "from", 0);
        break;
    case EVENT_SIGNAL: make_signal(making); break;
    case EVENT_STATE: make_state(making); break;
    case EVENT_CHANNEL: keep_member(making, "kind"); break;
    case EVENT_MESSAGE: make_message(making); break;
    case EVENT_RECEIVED: record->number = event_int(event, "message", 0); break;
    case EVENT_PARTIAL:
    case EVENT_PASS: make_talk(making); break;
    case EVENT_OUTPUT: make_output(making); break;
    case EVENT_LISTEN: record->number = event_int(event, "port", 0); break;
    case EVENT_REQUEST: make_request(making); break;
    case EVENT_TAKEN:
    case EVENT_REPLY: record->number = event_int(event, "request", 0); break;
    case EVENT_ANSWER:
    case EVENT_UNANSWERED: make_answer(making); break;
    case EVENT_JUMP: record->number = sane_ns(event_int(event, "from_ns", 0)); break;
    case EVENT_FAULT: make_fault(making); break;
    case EVENT_STEP: make_step(making); break;
    default: break;
    }
}

void record_make(const json_t *event, struct record *record, struct arena *arena) {
    *record = (struct record){
        .type = (uint8_t)event_type_of(event),
        .t_ns = sane_ns(event_t_ns(event)),
        .seq = (uint32_t)event_seq(event),
        .pid = small(event, "pid"),
        .extra = small(event, "connection"),
        .text = "",
    };
    const struct making making = {event, record, arena};
    if (record_is_json(record))
        make_json(&making);
    else
        make_members(&making);
}

bool record_is_json(const struct record *record) {
    switch (record->type) {
    case EVENT_RUN:
    case EVENT_DIAGNOSTIC:
    case EVENT_BUILT:
    case EVENT_END:
    case EVENT_CHECK:
    case EVENT_VERDICT:
    case EVENT_CRASH:
    case EVENT_LEFT:
    case EVENT_ERROR: return true;
    default: return false;
    }
}

json_t *record_json(const struct record *record) {
    return record_is_json(record) ? json_loads(record->text, 0, NULL) : NULL;
}

bool record_concerns(const struct record *record, int pid) {
    switch (record->type) {
    case EVENT_FORK:
    case EVENT_REAP:
    case EVENT_ADOPT:
    case EVENT_SIGNAL:
    case EVENT_MESSAGE:
    case EVENT_PASS: return record->pid == pid || record->other == pid;
    default: return record->pid == pid;
    }
}
