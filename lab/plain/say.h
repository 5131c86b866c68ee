/* Plain text out, lines in: nothing that a screen reader, a dumb terminal or a pipe could stumble over. No colours,
 * no cursor, no drawing; ASCII where the locale is not UTF-8.
 *
 *     struct say say = say_start(unicode);
 *     say_text(&say, "%zu steps", count);           // a line, wrapped
 *     say_markdown(&say, text);
 *     const char *line = say_ask(&say, "brigade> "); // NULL: the input has ended
 *     say_end(&say);
 */
#ifndef BRIGADE_PLAIN_SAY_H
#define BRIGADE_PLAIN_SAY_H

#include <stdbool.h>
#include <stddef.h>

#include "text/lines.h"

struct say {
    bool ascii;
    int columns, rows; /* of the terminal; without one, a page of the usual size */
    char *line;        /* the last answer */
    size_t capacity;
    bool ended; /* the input has */
};

struct say_command { /* what may be answered */
    char key;
    const char *word; /* may be written instead of the key */
    const char *help;
};

struct say say_start(bool unicode);
void say_end(struct say *say);

void say_text(struct say *say, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_markdown(struct say *say, const char *markdown);
void say_item(struct say *say, const char *mark, const char *markdown); /* hanging below its mark */
void say_lines(struct say *say, const struct lines *lines, size_t from, size_t to);

/* The answer without blanks around it, valid until the next; NULL at the end of the input. */
const char *say_ask(struct say *say, const char *prompt);

/* The command that an answer is: its key, alone or with something behind a blank, or its word. *rest is what stands
 * behind. 0: none of the table (ended by key 0). */
char say_command(const struct say_command *commands, const char *answer, const char **rest);
void say_help(struct say *say, const struct say_command *commands);

#endif
