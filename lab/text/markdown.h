/* Markdown (CommonMark with tables and strikethrough, by md4c) laid out as lines.
 *
 *     struct lines lines = {0};
 *     markdown_lay_out(text, bytes, 78, &lines);
 *
 * Cheap enough to be done again for every width.
 */
#ifndef BRIGADE_TEXT_MARKDOWN_H
#define BRIGADE_TEXT_MARKDOWN_H

#include <stddef.h>

#include "text/lines.h"

void markdown_lay_out(const char *text, size_t bytes, int columns, struct lines *lines);

#endif
