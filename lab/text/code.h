/* Program text in tones: C and JavaScript, and sessions in a shell, well enough for a lesson. */
#ifndef BRIGADE_TEXT_CODE_H
#define BRIGADE_TEXT_CODE_H

#include <stddef.h>

#include "text/lines.h"

/* Appends the code to the flow, each stretch in its tone. An unknown language gives TONE_PLAIN. */
void code_add(struct flow *flow, const char *language, const char *code, size_t bytes);

#endif
