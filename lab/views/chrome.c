#include "views/chrome.h"

#include <stdio.h>
#include <string.h>

#include "text/lines.h"
#include "text/width.h"

void chrome_header(const struct canvas *screen, const char *place, const char *state,
                   enum role state_role) {
    int state_columns = width_of(state, strlen(state));
    int column = canvas_put(screen, 0, 1, ROLE_BRAND, "Brigade");
    int room = screen->columns - state_columns - 2;
    struct canvas left = canvas_part(screen, 0, 0, 1, room > column ? room : column);
    canvas_put(&left, 0, column + 2, ROLE_STRONG, place);
    canvas_field_right(screen, 0, column + 1, screen->columns - column - 2, state_role, state);
}

static bool is_shown(const struct hint_bar *bar, const struct key_binding *key) {
    return key->label && key->places & bar->place &&
           (!bar->works || bar->works(bar->ctx, key->request));
}

enum { KEY_WORDS_MAX = 48 };

/* The key and what it does, as far as the table cannot know it. */
static void words_of(const struct hint_bar *bar, const struct key_binding *key,
                     char shown[KEY_WORDS_MAX], char label[KEY_WORDS_MAX]) {
    snprintf(shown, KEY_WORDS_MAX, "%s", key->shown);
    snprintf(label, KEY_WORDS_MAX, "%s", key->label);
    if (key->request == REQUEST_RUN_FREELY && bar->skips)
        snprintf(label, KEY_WORDS_MAX, "fast-forward");
    else if (key->request == REQUEST_KILL && bar->kill_pid)
        snprintf(label, KEY_WORDS_MAX, "%s %d", key->label, bar->kill_pid);
    else if (key->request == REQUEST_CHOICE_1 && bar->choices)
        snprintf(shown, KEY_WORDS_MAX, "a to %c", (char)('a' + bar->choices - 1));
    else if (key->request == REQUEST_OPEN && bar->place == PLACE_QUIZ)
        snprintf(label, KEY_WORDS_MAX, bar->choices ? "answer" : "go on");
}

static int key_columns(const struct hint_bar *bar, const struct key_binding *key) {
    char shown[KEY_WORDS_MAX], label[KEY_WORDS_MAX];
    words_of(bar, key, shown, label);
    return width_of(shown, strlen(shown)) + 1 + width_of(label, strlen(label)) + 2;
}

static int put_key(const struct canvas *screen, int row, int column, const struct hint_bar *bar,
                   const struct key_binding *key) {
    char shown[KEY_WORDS_MAX], label[KEY_WORDS_MAX];
    words_of(bar, key, shown, label);
    int start = column;
    column = canvas_put(screen, row, column, ROLE_KEY, shown);
    column = canvas_put(screen, row, column + 1, ROLE_TEXT, label);
    canvas_target(screen, row, start, 1, column - start, key->request);
    return column + 2;
}

static bool is_essential(const struct hint_bar *bar, const struct key_binding *key) {
    return (bar->leads_back && key->request == REQUEST_BACK) || key->request == REQUEST_HELP ||
           key->request == REQUEST_QUIT;
}

/* The way to help and the way out keep their place; of the others, as many as fit. */
static void put_keys(const struct canvas *screen, const struct hint_bar *bar, int row, int room) {
    size_t count;
    const struct key_binding *table = keys_table(&count);
    int column = 1, reserved = 0;
    for (size_t i = 0; i < count; i++)
        if (is_shown(bar, &table[i]) && is_essential(bar, &table[i]))
            reserved += key_columns(bar, &table[i]);
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(bar, &table[i]))
            continue;
        int needed = key_columns(bar, &table[i]);
        if (is_essential(bar, &table[i]))
            reserved -= needed;
        else if (column + needed + reserved > room + 1)
            continue;
        column = put_key(screen, row, column, bar, &table[i]);
    }
}

/* What is too long for the bottom line takes more above it, up to half of the screen; whether it did. */
static bool put_long_notice(const struct canvas *screen, const char *notice) {
    struct lines lines = {0};
    lines_wrap(&lines, TONE_PLAIN, notice, screen->columns - 2, " ", " ");
    int count = (int)lines.count, most = screen->rows / 2;
    count = count > most ? most : count;
    for (int i = 0; i < count && lines.count > 1; i++) {
        int row = screen->rows - count + i;
        canvas_fill(screen, row, ROLE_TEXT);
        for (size_t span = 0; span < lines.items[i].span_count; span++) {
            const struct span *part = &lines.spans[lines.items[i].first_span + span];
            canvas_put_bytes(screen, row, span ? 1 : 0, ROLE_NOTICE, lines.text.data + part->offset,
                             part->length);
        }
    }
    bool is_long = lines.count > 1;
    lines_release(&lines);
    return is_long;
}

void chrome_bottom(const struct canvas *screen, const struct hint_bar *bar) {
    int row = screen->rows - 1;
    int state_columns = width_of(bar->state, strlen(bar->state));
    int room = screen->columns - (state_columns ? state_columns + 2 : 0);
    if (bar->notice && put_long_notice(screen, bar->notice))
        return;
    if (!bar->notice)
        put_keys(screen, bar, row, room);
    else if (canvas_put(screen, row, 1, ROLE_NOTICE, bar->notice) >= room)
        return; /* the state gives way */
    canvas_field_right(screen, row, room, state_columns + 1, ROLE_DIM, bar->state);
}

void chrome_question(const struct canvas *screen, const char *question) {
    int row = screen->rows - 1;
    canvas_fill(screen, row, ROLE_NOTICE | STYLE_REVERSE);
    int column = canvas_put(screen, row, 1, ROLE_NOTICE | STYLE_REVERSE, question);
    canvas_cursor(screen, row, column);
}

void chrome_prompt(const struct canvas *screen, const char *label, const char *text,
                   const char *remark) {
    int row = screen->rows - 1;
    int column = canvas_put(screen, row, 1, ROLE_KEY, label);
    int room = screen->columns - column - 2;
    while (*text && width_of(text, strlen(text)) > room) /* its end is what is being typed */
        text += width_next(text, strlen(text), &(int){0});
    int end = canvas_put(screen, row, column, ROLE_TEXT, text);
    if (remark)
        canvas_put(screen, row, end + 3, ROLE_PENDING, remark);
    canvas_cursor(screen, row, end);
}

struct canvas chrome_body(const struct canvas *screen) {
    return canvas_part(screen, 1, 0, screen->rows - 2, screen->columns);
}

bool chrome_too_small(const struct canvas *screen) {
    if (screen->rows >= CHROME_ROWS_LEAST && screen->columns >= CHROME_COLUMNS_LEAST)
        return false;
    canvas_put(screen, 0, 0, ROLE_STRONG, "too small");
    canvas_printf(screen, 1, 0, ROLE_TEXT, "%dx%d", screen->columns, screen->rows);
    canvas_printf(screen, 2, 0, ROLE_TEXT, "min %dx%d", CHROME_COLUMNS_LEAST, CHROME_ROWS_LEAST);
    return true;
}
