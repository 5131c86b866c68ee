#include "app/state.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

void app_changed(struct app *app) {
    if (app->frame_due)
        return;
    app->frame_due = true;
    loop_timer_set(app->loop, app->frame_timer, app->last_frame_ns + FRAME_MS * NS_PER_MS);
}

void app_notice(struct app *app, const char *format, ...) {
    struct buf text = {0}, clean = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    text_append_printable(&clean, text.data, text.length, true); /* it may name files */
    buf_release(&text);
    free(app->notice);
    app->notice = buf_steal(&clean);
    if (app->tty)
        app_changed(app);
}

void app_ask(struct app *app, const char *label, const char *text, app_asked_fn *asked) {
    prompt_open(&app->prompt, label, text);
    app->asked = asked;
    app_changed(app);
}

void app_ask_number(struct app *app, const char *label, const char *text, app_asked_fn *asked) {
    app_ask(app, label, text, asked);
    app->prompt.digits = true;
}
