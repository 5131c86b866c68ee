/* A menu: a few lines over the middle of the screen, one of which is chosen. */
#ifndef BRIGADE_VIEWS_MENU_VIEW_H
#define BRIGADE_VIEWS_MENU_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"
#include "ui/scroll.h"

struct menu_item {
    const char *name, *help;
};

struct menu { /* zeroed: closed */
    bool open;
    char title[64];
    const struct menu_item *items; /* borrowed */
    size_t count;
    struct scroll scroll;
};

void menu_open(struct menu *menu, const struct menu_item *items, size_t count);
void menu_draw(const struct canvas *body, struct menu *menu);

#endif
