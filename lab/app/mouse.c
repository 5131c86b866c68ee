#include "app/mouse.h"

#include "app/playback.h"

enum { LINES_A_NOTCH = 3 };

static void click(struct app *app, const struct target *target, int row) {
    bool opens = target->scroll && target_select(target, row);
    if (app->place == PLACE_BENCH && target->scroll)
        playback_clicked(app, target->scroll);
    if (opens || target->request != REQUEST_NONE)
        app_request(app, opens ? REQUEST_OPEN : target->request);
}

static bool is_pane(const struct target *target) {
    return target && target->request >= REQUEST_PANE_1 && target->request <= REQUEST_PANE_9;
}

static void turn_wheel(struct app *app, const struct target *target, enum request request) {
    if (is_pane(target))
        app_request(app, target->request);
    for (int i = 0; i < LINES_A_NOTCH; i++)
        app_request(app, request);
}

bool mouse_is_key(int key) {
    return key == TTY_KEY_CLICK || key == TTY_KEY_WHEEL_UP || key == TTY_KEY_WHEEL_DOWN;
}

bool mouse_use(struct app *app, int key) {
    if (!mouse_is_key(key))
        return false;
    int row, column;
    tty_pointer(app->tty, &row, &column);
    const struct target *target = targets_at(&app->targets, row, column);
    if (app->question || app->prompt.open)
        return true; /* only a key answers */
    if (key != TTY_KEY_CLICK)
        turn_wheel(app, target, key == TTY_KEY_WHEEL_UP ? REQUEST_UP : REQUEST_DOWN);
    else if (target)
        click(app, target, row);
    return true;
}
