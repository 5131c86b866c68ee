/* A page of laid-out text that scrolls. */
#ifndef BRIGADE_VIEWS_PAGER_H
#define BRIGADE_VIEWS_PAGER_H

#include "text/lines.h"
#include "ui/canvas.h"
#include "ui/scroll.h"

/* Draws the page and, at its right edge, where one is in it. */
void pager_draw(const struct canvas *canvas, const struct lines *lines, struct scroll *scroll);
/* The latter alone, for other pages: a bar in the last column, if not all rows are shown. */
void pager_position(const struct canvas *canvas, const struct scroll *scroll);

#endif
