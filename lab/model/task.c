#include "model/task.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

static size_t line_bytes(const char *at) {
    const char *newline = strchr(at, '\n');
    return newline ? (size_t)(newline - at) + 1 : strlen(at);
}

/* The level of the heading in a line, 0: it is none. */
static int heading_level(const char *line) {
    int level = (int)strspn(line, "#");
    return line[level] == ' ' ? level : 0;
}

static bool is_hints(const char *line) {
    static const char wanted[] = "## Hints";
    size_t length = sizeof wanted - 1;
    return !strncmp(line, wanted, length) && (!line[length] || strchr("\r\n ", line[length]));
}

static void add_hint(struct task *task, struct buf *hint) {
    if (hint->length && hint->data[strspn(hint->data, " \t\r\n")]) {
        GROW(task->hints, task->hint_capacity, task->hint_count + 1);
        task->hints[task->hint_count++] = buf_steal(hint);
    }
    buf_clear(hint);
}

void task_read(struct task *task, const char *markdown) {
    struct buf body = {0}, hint = {0};
    bool in_code = false, in_hints = false;
    for (size_t bytes; *markdown; markdown += bytes) {
        bytes = line_bytes(markdown);
        int level = in_code ? 0 : heading_level(markdown);
        in_code ^= !strncmp(markdown, "```", 3);
        if (level && level <= 2) {
            add_hint(task, &hint);
            in_hints = is_hints(markdown);
            if (in_hints)
                continue;
        }
        if (in_hints && level == 3)
            add_hint(task, &hint); /* its own heading is written anew */
        else
            buf_append(in_hints ? &hint : &body, markdown, bytes);
    }
    add_hint(task, &hint);
    task->body = buf_steal(&body);
    buf_release(&hint);
}

void task_release(struct task *task) {
    for (size_t i = 0; i < task->hint_count; i++)
        free(task->hints[i]);
    free(task->hints);
    free(task->body);
    *task = (struct task){0};
}

char *task_page(const struct task *task, size_t shown, const char *how) {
    struct buf page = {0};
    buf_puts(&page, task->body ? task->body : "");
    if (task->hint_count)
        buf_puts(&page, "\n\n## Hints\n");
    for (size_t i = 0; i < shown && i < task->hint_count; i++)
        buf_printf(&page, "\n### Hint %zu of %zu\n\n%s\n", i + 1, task->hint_count, task->hints[i]);
    if (shown < task->hint_count)
        buf_printf(&page, "\n%zu %s. %s\n", task->hint_count - shown,
                   shown                  ? "more"
                   : task->hint_count > 1 ? "hints, from gentle to plain"
                                          : "hint",
                   how);
    return buf_steal(&page);
}
