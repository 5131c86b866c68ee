/* The search in the lists of the workbench. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "views/panes.h"

struct searched { /* a pane that is a list */
    void (*text)(struct bench *bench, size_t i, struct buf *into);
    size_t count, from;
};

static size_t place_in(const struct scroll *scroll) {
    return scroll->selects ? scroll->selected
           : scroll->count ? (scroll->follows ? scroll->count - 1 : scroll->top)
                           : 0;
}

/* The row of the list that an item of the history stands in now. */
static size_t row_of(const struct listing *listing, size_t count, size_t item) {
    size_t row = 0;
    while (row < count && listing_item(listing, row) < item)
        row++;
    return row;
}

static size_t place_of_talk(const struct bench *bench, const struct listing *listing, size_t count,
                            enum pane pane) {
    if (bench->find.found && bench->find.pane == pane)
        return row_of(listing, count, bench->find.item);
    return place_in(&bench->scrolls[pane]);
}

static bool searched_of(struct bench *bench, struct searched *searched) {
    const struct run_check *checks[RUN_CHECKS_MAX];
    const struct history *history = &bench->film->history;
    uint32_t moment = bench->film->moment;
    enum pane pane = bench->focus;
    searched->from = place_in(&bench->scrolls[pane]);
    switch (pane) {
    case PANE_TASK:
        searched->text = pane_task_text;
        searched->count = bench->task_lines.count;
        if (bench->find.found && bench->find.pane == pane)
            searched->from = bench->find.item;
        return true;
    case PANE_PROBLEMS:
        searched->text = pane_problems_text;
        searched->count = bench->film->latest->diagnostic_count;
        return true;
    case PANE_PROCESSES:
        searched->text = pane_processes_text;
        searched->count = bench->scrolls[pane].count;
        return true;
    case PANE_MESSAGES:
        searched->text = pane_messages_text;
        bench->messages.only = bench_only(bench);
        searched->count = listing_fit(&bench->messages, history, moment);
        searched->from = place_of_talk(bench, &bench->messages, searched->count, pane);
        return true;
    case PANE_OUTPUT:
        searched->text = pane_output_text;
        bench->lines.only = bench_only(bench);
        searched->count = listing_fit(&bench->lines, history, moment);
        searched->from = place_of_talk(bench, &bench->lines, searched->count, pane);
        return true;
    case PANE_CHECKS:
        searched->text = pane_checks_text;
        searched->count = pane_checks_listed(bench, checks);
        return true;
    default: return false;
    }
}

/* The row found comes onto the screen. */
static void show(struct bench *bench, size_t row) {
    struct scroll *scroll = &bench->scrolls[bench->focus];
    bench->find.found = true;
    bench->find.pane = bench->focus;
    bench->find.item = row;
    switch (bench->focus) {
    case PANE_PROCESSES: pane_processes_select(bench, row); return;
    case PANE_CHECKS:
    case PANE_PROBLEMS:
        scroll_select(scroll, row);
        bench->detail = (struct scroll){0};
        return;
    case PANE_MESSAGES: bench->find.item = listing_item(&bench->messages, row); break;
    case PANE_OUTPUT: bench->find.item = listing_item(&bench->lines, row); break;
    default: break;
    }
    scroll->follows = false;
    if (row < scroll->top || row >= scroll->top + scroll->rows)
        scroll->top = row > scroll->rows / 2 ? row - scroll->rows / 2 : 0;
}

void bench_find_words(struct bench *bench, const char *words) {
    if (!words)
        return;
    char *fresh = xstrdup(words);
    free(bench->find.words);
    bench->find.words = fresh;
    bench->find.found = false;
}

bool bench_find(struct bench *bench, const char *words, int by) {
    struct searched searched;
    struct buf text = {0};
    bool found = false;
    bench_find_words(bench, words);
    if (!bench->find.words || !searched_of(bench, &searched))
        return false;
    size_t count = searched.count, step = by > 0 ? 1 : count - 1;
    size_t row = searched.from < count ? searched.from : 0;
    if (!bench->find.found) /* the place itself may be it */
        row = (row + count - step) % (count ? count : 1);
    for (size_t i = 0; i < count && !found; i++) {
        row = (row + step) % count;
        buf_clear(&text);
        searched.text(bench, row, &text);
        buf_putc(&text, '\0');
        found = strcasestr(text.data, bench->find.words) != NULL;
    }
    buf_release(&text);
    if (found)
        show(bench, row);
    return found;
}

bool bench_is_match(const struct bench *bench, enum pane pane, size_t item) {
    return bench->find.words && bench->find.found && bench->find.pane == pane &&
           bench->find.item == item;
}
