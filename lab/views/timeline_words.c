/* The rows of the timeline in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "views/timeline_view.h"

void timeline_short_message(const struct record *message, struct buf *into) {
    char own[32];
    struct buf text = {0};
    if (*message->text != '{') {
        buf_puts(into, message->text);
        return;
    }
    for (const char *at = message->text; *at; at++)
        if (!strchr("\"{}", *at) && !(*at == ':' && at[1] == ' '))
            buf_putc(&text, *at);
    buf_putc(&text, '\0');
    size_t length = (size_t)snprintf(own, sizeof own, "pid %d, ", message->pid);
    const char *own_at = strstr(text.data, own);
    if (own_at == text.data)
        buf_puts(into, text.data + length);
    else
        buf_puts(into, text.data);
    buf_release(&text);
}

static void signal_words(const struct record *record, struct buf *into) {
    const char *from = record->flags & RECORD_BY_LAB      ? "the lab"
                       : record->flags & RECORD_BY_KERNEL ? "the kernel"
                                                          : NULL;
    if (record->flags & RECORD_DELIVERED)
        buf_printf(into, "%d gets %s", record->pid, record->text);
    else if (from || !record->other)
        buf_printf(into, "%s to %d from %s", record->text, record->pid, from ? from : "somebody");
    else
        buf_printf(into, "%d sends %s to %d", record->other, record->text, record->pid);
}

static void exit_words(const struct record *record, struct buf *into) {
    if (record->flags & RECORD_AT_END)
        buf_printf(into, "%d was alive until the run was over", record->pid);
    else if (*record->text)
        buf_printf(into, "%d is killed by %s%s", record->pid, record->text,
                   record->flags & RECORD_BY_LAB ? ", which the lab sent" : "");
    else
        buf_printf(into, "%d ends with code %lld", record->pid, (long long)record->number);
}

static void json_words(const struct record *record, struct buf *into) {
    struct buf words = {0};
    json_t *event = record_json(record);
    char *message = record_words(json_object_get(event, "message"), 512);
    char *text = record_words(json_object_get(event, "text"), 256);
    if (record->type == EVENT_CHECK)
        buf_printf(&words, "check %s: %s%s%s%s", event_text(event, "id", "?"),
                   event_text(event, "status", "?"), record->flags & RECORD_FINAL ? "" : " so far",
                   message ? ". " : "", message ? message : "");
    else if (record->type == EVENT_END)
        buf_printf(&words, "the end: %s %s", event_text(event, "outcome", ""),
                   event_text(event, "detail", ""));
    else
        buf_printf(&words, "%s %s", event_name((enum event_type)record->type), text ? text : "");
    text_append_printable(into, words.data, words.length, true);
    buf_release(&words);
    json_decref(event);
    free(message);
    free(text);
}

static void one_line(const char *text, struct buf *into) {
    for (; *text; text++)
        buf_puts(into, *text == '\n' ? "\\n" : (char[]){*text, '\0'});
}

static void answer_words(const struct record *record, struct buf *into) {
    double ms = (double)record->extra / 1000;
    if (record->type == EVENT_ANSWER)
        buf_printf(into, "%d has answered request %lld: %d, %.1f ms", record->pid,
                   (long long)record->number, record->other, ms);
    else
        buf_printf(into, "request %lld got no answer: %s after %.1f ms", (long long)record->number,
                   record->text, ms);
    if (record->type == EVENT_UNANSWERED && record->pid)
        buf_printf(into, ", in the hands of %d", record->pid);
}

static void state_words(const struct record *record, struct buf *into) {
    const char *in = record->text + strlen(record->text) + 1, *on = in + strlen(in) + 1;
    buf_printf(into, "%d is %s%s%s%s%s", record->pid, record->text, *in ? " in " : "", in,
               *on ? ": " : "", on);
}

static void event_words(const struct record *record, struct buf *into) {
    int pid = record->pid, other = record->other;
    long long number = (long long)record->number;
    switch (record->type) {
    case EVENT_FORK:
        if (other)
            buf_printf(into, "%d is born: %s by %d", pid, record->text, other);
        else
            buf_printf(into, "%d, the program, starts", pid);
        break;
    case EVENT_THREAD: buf_printf(into, "thread %lld of %d: %s", number, pid, record->text); break;
    case EVENT_EXEC: buf_printf(into, "%d becomes: %s", pid, record->text); break;
    case EVENT_EXIT: exit_words(record, into); break;
    case EVENT_REAP:
        if (other > 1)
            buf_printf(into, "%d waits for dead %d (%s)", other, pid, record->text);
        else
            buf_printf(into, "dead %d is gone (%s)", pid, record->text);
        break;
    case EVENT_ADOPT: buf_printf(into, "%d loses parent %lld, gets %d", pid, number, other); break;
    case EVENT_SIGNAL: signal_words(record, into); break;
    case EVENT_STATE: state_words(record, into); break;
    case EVENT_CHANNEL: buf_printf(into, "%d makes a %s", pid, record->text); break;
    case EVENT_MESSAGE:
        buf_printf(into, "message %d, %d > ", record->extra, pid);
        if (other)
            buf_printf(into, "%d: %s", other, record->text);
        else
            buf_printf(into, "?: %s", record->text);
        if (!(record->flags & RECORD_WHOLE))
            buf_puts(into, " (no newline)");
        break;
    case EVENT_RECEIVED: buf_printf(into, "%d has read message %lld", pid, number); break;
    case EVENT_PARTIAL:
        buf_printf(into, "%d has written, and no newline: %s", pid, record->text);
        break;
    case EVENT_PASS: buf_printf(into, "%d passes a %s to %d", pid, record->text, other); break;
    case EVENT_OUTPUT:
        buf_printf(into, "%d prints%s: ", pid,
                   record->flags & RECORD_ON_STDERR ? " on stderr" : "");
        one_line(record->text, into);
        break;
    case EVENT_LISTEN: buf_printf(into, "%d listens on port %lld", pid, number); break;
    case EVENT_ACCEPT: buf_printf(into, "%d accepts connection %d", pid, record->extra); break;
    case EVENT_REQUEST: buf_printf(into, "request %lld is sent: %s", number, record->text); break;
    case EVENT_TAKEN: buf_printf(into, "%d begins to read request %lld", pid, number); break;
    case EVENT_REPLY: buf_printf(into, "%d writes to connection %d", pid, record->extra); break;
    case EVENT_ANSWER:
    case EVENT_UNANSWERED: answer_words(record, into); break;
    case EVENT_JUMP: buf_puts(into, "everybody waits, and the clock goes on"); break;
    case EVENT_FAULT: buf_printf(into, "fault for %d: %s", pid, record->text); break;
    case EVENT_STEP:
        buf_printf(into, "%s%s: %s", record->flags & RECORD_BY_USER ? "you" : "the scenario",
                   record->flags & RECORD_BEGINS ? "" : ", done", record->text);
        break;
    default: json_words(record, into); break;
    }
}

static void bar_words(const struct timeline *timeline, const struct history *history,
                      const struct timeline_row *row, struct buf *into) {
    struct timeline_share shares[64];
    size_t count = timeline_shares(timeline, history, row, shares, 64);
    int all = 0;
    for (size_t i = 0; i < count; i++)
        all += shares[i].answered;
    uint32_t events = row->last - row->first + 1;
    if (all)
        buf_printf(into, "%d request%s answered", all, all == 1 ? "" : "s");
    else
        buf_puts(into, "requests and connections under way");
    for (size_t i = 0, told = 0; i < count; i++)
        if (shares[i].answered)
            buf_printf(into, "%s%d by %d", told++ ? ", " : ": ", shares[i].answered, shares[i].pid);
    buf_printf(into, " (%u event%s; + unfolds)", events, events == 1 ? "" : "s");
}

void timeline_words(const struct timeline *timeline, const struct history *history,
                    const struct timeline_row *row, struct buf *into) {
    if (row->bar)
        bar_words(timeline, history, row, into);
    else
        event_words(history_record(history, row->first), into);
    const struct record *first = history_record(history, row->first);
    if (first->type == EVENT_JUMP)
        buf_printf(into, " by %.3f s",
                   (double)(history_record(history, row->last)->t_ns - first->number) / 1e9);
}
