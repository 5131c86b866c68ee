#include "ui/targets.h"

void targets_clear(struct targets *targets) { targets->count = 0; }

void targets_add(struct targets *targets, const struct target *target) {
    if (targets->count < TARGETS_MOST)
        targets->list[targets->count++] = *target;
}

const struct target *targets_at(const struct targets *targets, int row, int column) {
    for (size_t i = targets->count; i-- > 0;) {
        const struct target *target = &targets->list[i];
        if (row >= target->row && row < target->row + target->rows && column >= target->column &&
            column < target->column + target->columns)
            return target;
    }
    return NULL;
}

bool target_select(const struct target *target, int row) {
    struct scroll *scroll = target->scroll;
    size_t item = target->item + (size_t)(row - target->row);
    if (!scroll->selects || item >= scroll->count)
        return false;
    if (scroll->selected == item)
        return true;
    scroll_select(scroll, item);
    return false;
}
