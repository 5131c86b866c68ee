/* What is said to the student once: at the first start, and when all is done. Markdown. */
#ifndef BRIGADE_VIEWS_LETTERS_H
#define BRIGADE_VIEWS_LETTERS_H

#include "base/buf.h"
#include "model/course.h"
#include "model/progress.h"

void letter_welcome(struct buf *markdown, const struct course *course, const char *workspace);
void letter_farewell(struct buf *markdown, const struct course *course,
                     const struct progress *progress);

#endif
