/* The task of an exercise: what task.md says, and its hints, which are given one at a time.
 *
 *     struct task task = {0};
 *     task_read(&task, markdown);
 *     char *page = task_page(&task, 1, "h shows the next");   // the text, and the first hint
 *     task_release(&task);
 *
 * Hints stand in a section "## Hints", each under a heading "### Hint 1", "### Hint 2", ...
 */
#ifndef BRIGADE_MODEL_TASK_H
#define BRIGADE_MODEL_TASK_H

#include <stddef.h>

struct task { /* zeroed: empty */
    char *body;
    char **hints;
    size_t hint_count, hint_capacity;
};

void task_read(struct task *task, const char *markdown);
void task_release(struct task *task);

/* Markdown for the student, with so many of the hints; `how` tells how the next is had. The caller frees. */
char *task_page(const struct task *task, size_t shown, const char *how);

#endif
