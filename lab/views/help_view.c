#include "views/help_view.h"

#include <string.h>

#include "base/buf.h"
#include "text/width.h"

enum { KEY_COLUMNS = 20 };

void help_key_names(enum place place, enum request request, struct buf *names) {
    size_t count;
    const struct key_binding *table = keys_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].request == request && table[i].places & place)
            buf_printf(names, "%s%s", names->length ? ", " : "", table[i].shown);
}

static void add_key(const char *names, const char *words, int columns, struct lines *lines) {
    struct lines left = {0}, right = {0};
    lines_wrap(&left, TONE_STRONG, names, KEY_COLUMNS, "", "");
    lines_wrap(&right, TONE_PLAIN, words, columns - KEY_COLUMNS - 2, "", "");
    for (size_t i = 0; i < left.count || i < right.count; i++) {
        lines_open(lines);
        lines_join(lines, &left, i, KEY_COLUMNS);
        lines_join(lines, &right, i, 0);
    }
    lines_release(&left);
    lines_release(&right);
}

static void add_keys(enum place place, int columns, struct lines *lines) {
    size_t count;
    const struct key_binding *table = keys_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!table[i].help || !(table[i].places & place))
            continue;
        struct buf names = {0};
        help_key_names(place, table[i].request, &names);
        add_key(names.data, table[i].help, columns, lines);
        buf_release(&names);
    }
}

static const struct mark {
    const char *mark, *meaning;
} marks[] = {
    {"ok  no  --", "a check passed, failed, or was skipped because another failed"},
    {"ok? no?", "so it stands now; the run may still change it"},
    {"..", "not judged yet"},
    {"█  ░", "answered, as the kernel saw it; reported, as the worker said"},
    {"11 > 10", "a message from process 11 to process 10"},
    {"!", "a line on stderr"},
};

static const struct mark timeline_marks[] = {
    {"├─ fork ─>┬", "a birth; from there its line goes down while it lives"},
    {"├─ text ──>│", "a message, from who wrote it to who reads it"},
    {"■ 14 requests", "answered by that process in one stretch"},
    {"╳  ┊", "a death; dead, and not waited for yet"},
    {"◆", "a signal, or a fault"},
    {"⋮ 5.00 s", "everybody waits, and the clock goes on by so much"},
    {"── text", "what the scenario does"},
    {"*", "an event that shows the check"},
};

static void add_marks(const struct mark *items, size_t count, int columns, struct lines *lines) {
    lines_open(lines);
    lines_wrap(lines, TONE_HEADING, "Marks", columns, "", "");
    lines_open(lines);
    for (size_t i = 0; i < count; i++)
        add_key(items[i].mark, items[i].meaning, columns, lines);
    lines_open(lines);
    lines_wrap(
        lines, TONE_PLAIN,
        "A process has one colour on every pane. Times are the program's own, from its start. "
        "Nothing that the program prints is believed: what you see was traced.",
        columns, "", "");
}

void help_view_lay_out(enum place place, int columns, struct lines *lines) {
    lines_wrap(lines, TONE_HEADING, "Keys", columns, "", "");
    lines_open(lines);
    add_keys(place, columns, lines);
    if (place == PLACE_BENCH)
        add_marks(marks, sizeof marks / sizeof marks[0], columns, lines);
    else if (place == PLACE_TIMELINE)
        add_marks(timeline_marks, sizeof timeline_marks / sizeof timeline_marks[0], columns, lines);
}
