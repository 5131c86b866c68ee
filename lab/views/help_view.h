/* Help, from the key table. */
#ifndef BRIGADE_VIEWS_HELP_VIEW_H
#define BRIGADE_VIEWS_HELP_VIEW_H

#include "base/buf.h"
#include "text/lines.h"
#include "ui/keys.h"

/* All keys of a request that work in the place: "Up, k". */
void help_key_names(enum place place, enum request request, struct buf *names);

/* Lays out the keys that work in `place`, and what the screen's marks mean. */
void help_view_lay_out(enum place place, int columns, struct lines *lines);

#endif
