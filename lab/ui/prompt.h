/* A line of text asked for at the bottom of the screen: a search, a number.
 *
 *     prompt_open(&prompt, "Search: ", "");
 *     switch (prompt_key(&prompt, key)) ...        // every key while it is open
 *     ... prompt.text.data ...                      // what was typed, once it is PROMPT_DONE
 *     prompt_release(&prompt);
 */
#ifndef BRIGADE_UI_PROMPT_H
#define BRIGADE_UI_PROMPT_H

#include <stdbool.h>

#include "base/buf.h"

enum { PROMPT_TEXT_MAX = 120 };

struct prompt { /* zeroed: closed */
    bool open;
    bool digits;       /* takes nothing else; set after prompt_open */
    bool refused;      /* the last key was none */
    const char *label; /* borrowed */
    struct buf text;   /* UTF-8, printable; data is never NULL while open */
};

enum prompt_end {
    PROMPT_GOES_ON,
    PROMPT_DONE,      /* Enter; it is closed, the text stays */
    PROMPT_CANCELLED, /* Esc, Ctrl-C or Ctrl-G, or Backspace on nothing */
};

void prompt_open(struct prompt *prompt, const char *label, const char *text);
enum prompt_end prompt_key(struct prompt *prompt, int key);
void prompt_release(struct prompt *prompt);

#endif
