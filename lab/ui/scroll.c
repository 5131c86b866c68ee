#include "ui/scroll.h"

static size_t last_top(const struct scroll *scroll) {
    return scroll->count > scroll->rows ? scroll->count - scroll->rows : 0;
}

void scroll_fit(struct scroll *scroll, size_t count, int rows) {
    scroll->count = count;
    scroll->rows = rows > 0 ? (size_t)rows : 0;
    if (scroll->selected >= count)
        scroll->selected = count ? count - 1 : 0;
    if (scroll->selects && scroll->selected < scroll->top)
        scroll->top = scroll->selected;
    if (scroll->selects && scroll->rows && scroll->selected >= scroll->top + scroll->rows)
        scroll->top = scroll->selected - scroll->rows + 1;
    if (scroll->follows || scroll->top > last_top(scroll))
        scroll->top = last_top(scroll);
}

static size_t moved(size_t from, size_t last, size_t page, enum request request) {
    switch (request) {
    case REQUEST_UP: return from ? from - 1 : 0;
    case REQUEST_DOWN: return from < last ? from + 1 : last;
    case REQUEST_PAGE_UP: return from > page ? from - page : 0;
    case REQUEST_PAGE_DOWN: return from + page < last ? from + page : last;
    case REQUEST_TOP: return 0;
    case REQUEST_BOTTOM: return last;
    default: return from;
    }
}

bool scroll_move(struct scroll *scroll, enum request request) {
    size_t page = scroll->rows > 2 ? scroll->rows - 1 : 1;
    size_t *place = scroll->selects ? &scroll->selected : &scroll->top;
    size_t last = scroll->selects ? (scroll->count ? scroll->count - 1 : 0) : last_top(scroll);
    size_t from = *place;
    *place = moved(from, last, page, request);
    if (!scroll->selects && request >= REQUEST_UP && request <= REQUEST_BOTTOM)
        scroll->follows = *place == last && request != REQUEST_UP && request != REQUEST_PAGE_UP;
    return *place != from;
}

void scroll_select(struct scroll *scroll, size_t item) { scroll->selected = item; }

bool scroll_at_end(const struct scroll *scroll) { return scroll->top >= last_top(scroll); }

size_t scroll_percent(const struct scroll *scroll) {
    size_t seen = scroll->top + scroll->rows;
    return seen >= scroll->count ? 100 : seen * 100 / scroll->count;
}
