/* Help, from the key table. */
#ifndef BRIGADE_VIEWS_HELP_VIEW_H
#define BRIGADE_VIEWS_HELP_VIEW_H

#include "text/lines.h"
#include "ui/keys.h"

/* Lays out the keys that work in `place`, and what the screen's marks mean. */
void help_view_lay_out(enum place place, int columns, struct lines *lines);

#endif
